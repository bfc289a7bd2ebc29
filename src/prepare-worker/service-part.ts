/** What the service does for a worker during one work: whatever needs a credential. */
import type { Writable } from 'node:stream'
import type { WantedImage } from '../reconcile/build-images.ts'
import type { ImageSource, PrepareRequest } from '../reconcile/prepare.ts'
import type { Ours } from './failure.ts'
import type { Said } from './said.ts'
import { send } from './send.ts'
import type { WorkClock } from './work-clock.ts'

/** How the worker comes by the repo, and the builder. */
export interface RepoAccess {
  /** Tells the worker all that it needs to have the archive. */
  giveArchive(input: Writable, signal: AbortSignal): Promise<void>
  /** Called when a step of the worker has ended: what it was given for it, it needs no more. */
  archiveTaken(): void
  /** Where on the service's machine the repo is unpacked, once the worker wants an image of it. */
  unpacked(signal: AbortSignal): Promise<string>
}

export interface ServicePart {
  sendArchive(): void
  /** Builds all images from the unpacked repo. */
  build(asked: Extract<Said, { say: 'build' }>): void
  stopBuild(): void
  /** What it failed with itself. */
  readonly failed: ReadonlyMap<Ours, unknown>
  /** Ends what is under way. @returns once it has ended */
  end(): Promise<void>
}

/**
 * How often one work needs each: a part of the repo and then the whole of it, and all images at once. Each costs a token
 * of GitHub's, or as long as a build may take.
 */
const ASKED_MAX: Readonly<Record<Ours, number>> = { archive: 2, build: 1 }

/**
 * @param clock of the work, which stands while images are built: they wait for their turn as long as others take
 * @throws {Error} `sendArchive` and `build`: the worker asks for what it has not been promised, or too often
 */
export function servicePart(
  input: Writable,
  {
    request,
    images,
    giveArchive,
    unpacked,
  }: RepoAccess & { readonly request: PrepareRequest; readonly images: ImageSource },
  clock: WorkClock,
  signal: AbortSignal,
): ServicePart {
  const running = new Map<Ours, Promise<void>>()
  const left: Record<Ours, number> = { ...ASKED_MAX }
  const failed = new Map<Ours, unknown>()
  const stop = new AbortController()
  const buildStop = new AbortController()
  const secretsOf = ({ name }: Pick<WantedImage, 'name'>) =>
    request.app.images.find((image) => image.name === name)?.build.secrets ?? {}
  const run = (what: Ours, work: () => Promise<void>) => {
    if (running.has(what) || left[what] === 0) throw new Error(`the worker asked too often: ${what}`)
    left[what] -= 1
    const told = work().catch(async (error: unknown) => {
      failed.set(what, error)
      await send(input, { kind: what === 'archive' ? 'archive fails' : 'build fails' })
    })
    running.set(
      what,
      told.finally(() => running.delete(what)),
    )
  }
  return {
    failed,
    sendArchive() {
      run('archive', () => giveArchive(input, AbortSignal.any([signal, stop.signal])))
    },
    build(asked) {
      if (images.kind !== 'repo') throw new Error('the worker asked for images that it was given')
      const wanted = asked.images.map((image) => ({ ...image, build: { ...image.build, secrets: secretsOf(image) } }))
      const linked = AbortSignal.any([signal, stop.signal, buildStop.signal])
      run('build', async () => {
        const made = await clock.without(async () => images.build(wanted, await unpacked(linked), linked))
        await send(input, { kind: 'built', images: made })
      })
    },
    stopBuild: () => buildStop.abort(new Error('something else failed meanwhile')),
    async end() {
      stop.abort(new Error('the worker has done its work'))
      await Promise.all(running.values())
    },
  }
}
