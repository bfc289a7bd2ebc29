/** The worker's side: takes the archive apart, renders and transforms, and asks the service for what needs a credential. */
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { byteReaderOf } from '../adapters/archive/byte-reader.ts'
import { fetchArchive } from '../adapters/archive/fetch-archive.ts'
import type { ArchiveGrant } from '../ports.ts'
import type { BuildImages, MadeImage } from '../reconcile/build-images.ts'
import { bundled, type ImageSource } from '../reconcile/prepare.ts'
import type { RunStep } from '../reconcile/steps.ts'
import { bundleTools } from './bundle-tools.ts'
import { FailedThere, failureOf } from './failure.ts'
import { nextFrame, type Place, type Work, type WorkerTools } from './frames.ts'
import { resultOf } from './result.ts'
import type { Said } from './said.ts'

/** What the service does for the work that is under way. */
interface Pending {
  archive: PassThrough | null
  answerBuild: ((images: readonly MadeImage[] | null) => void) | null
}

/** Finds a place for a work. @throws {Error} it has none */
export type FindPlace = (tools: WorkerTools) => Promise<Place>

/**
 * Does one work after the other until the service says no more.
 * @param signal ends the work that is under way, and with it this
 * @param findPlace for works that the service has no place for
 */
export async function serve(
  input: Readable,
  output: Writable,
  signal: AbortSignal,
  findPlace: FindPlace,
): Promise<void> {
  const say = (said: Said) => void output.write(`${JSON.stringify(said)}\n`)
  const reader = byteReaderOf(input)
  const pending: Pending = { archive: null, answerBuild: null }
  let working: Promise<void> | null = null
  try {
    for (let frame = await nextFrame(reader); frame !== null; frame = await nextFrame(reader)) {
      if (frame.kind === 'work') {
        await working
        working = doWork(frame.work, pending, say, signal, findPlace)
      } else if (frame.kind === 'archive from') void fetched(frame.grant, pending.archive, signal)
      else if (frame.kind === 'archive') await feed(pending.archive, frame.chunk)
      else if (frame.kind === 'archive ends') pending.archive?.end()
      else if (frame.kind === 'archive fails') pending.archive?.destroy(new FailedThere('archive'))
      else if (frame.kind === 'built') pending.answerBuild?.(frame.images)
      else if (frame.kind === 'build fails') pending.answerBuild?.(null)
    }
  } finally {
    await working
  }
}

/** What comes after somebody lost interest is dropped. */
async function feed(archive: PassThrough | null, chunk: Buffer): Promise<void> {
  if (archive === null || archive.destroyed || archive.write(chunk)) return
  await new Promise<void>((resolve) => archive.once('drain', resolve).once('close', resolve))
}

/** What it fails with, whoever reads the archive is thrown. */
async function fetched(grant: ArchiveGrant, archive: PassThrough | null, signal: AbortSignal): Promise<void> {
  if (archive === null) return
  try {
    await pipeline(await fetchArchive(grant, signal), archive)
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

async function doWork(
  work: Work,
  pending: Pending,
  say: (said: Said) => void,
  signal: AbortSignal,
  findPlace: FindPlace,
): Promise<void> {
  const { request, tools } = work
  const failedIn = new Map<unknown, number>()
  try {
    const place = work.place ?? (await findPlace(tools))
    const prepared = await bundled(
      request,
      {
        archives: {
          async tarball() {
            say({ say: 'archive' })
            // Without a listener, one that fails before anybody reads it would end the process.
            pending.archive = new PassThrough().on('error', () => {})
            return pending.archive
          },
        },
        ...bundleTools(tools, place),
        workspaces: { open: async () => ({ path: place.folder, async [Symbol.asyncDispose]() {} }) },
      },
      imageSourceOf(work, pending, say),
      toldSteps(say, failedIn),
      signal,
    )
    say({ say: 'done', result: resultOf(prepared) })
  } catch (error) {
    say({ say: 'failed', step: failedIn.get(error) ?? null, failure: failureOf(error) })
  } finally {
    pending.archive?.destroy()
    pending.archive = null
  }
}

/** The build needs what pushes to a registry, so it is the service's. */
function imageSourceOf({ images }: Work, pending: Pending, say: (said: Said) => void): ImageSource {
  if (images.kind === 'made') return images
  const build: BuildImages = async (wanted, _, stop) => {
    stop.throwIfAborted()
    const answered = new Promise<readonly MadeImage[] | null>((resolve) => {
      pending.answerBuild = resolve
    })
    say({
      say: 'build',
      images: wanted.map(({ name, context, dockerfile, paths, build: { args, target, platforms } }) => {
        const own = { args: { ...args }, target, platforms: [...platforms] }
        return { name, context, dockerfile, paths: paths && [...paths], build: own }
      }),
    })
    const halt = () => say({ say: 'stop build' })
    stop.addEventListener('abort', halt, { once: true })
    try {
      const made = await answered
      stop.throwIfAborted()
      if (made === null) throw new FailedThere('build')
      return made
    } finally {
      stop.removeEventListener('abort', halt)
    }
  }
  return { kind: 'repo', build }
}

/** Steps whose records the service keeps. */
function toldSteps(say: (said: Said) => void, failedIn: Map<unknown, number>): RunStep {
  let next = 0
  return async (step, work, noteOf = () => '', stop) => {
    if (step !== 'fetch' && step !== 'render' && step !== 'transform') throw new Error(`${step} is no step of a worker`)
    const id = next++
    say({ say: 'begin', id, step })
    try {
      const result = await work((line) => say({ say: 'log', id, line }))
      say({ say: 'end', id, note: noteOf(result) })
      return result
    } catch (error) {
      failedIn.set(error, id)
      say({ say: 'fail', id, isStopped: stop?.aborted ?? false, failure: failureOf(error) })
      throw error
    }
  }
}
