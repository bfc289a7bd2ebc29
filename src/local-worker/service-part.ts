/** What the service does for a worker during one work: whatever needs a credential. */
import { once } from 'node:events'
import { join } from 'node:path'
import { addAbortSignal, type Writable } from 'node:stream'
import type { Archives } from '../ports.ts'
import { type ImageSource, type PrepareRequest, REPO_FOLDER } from '../reconcile/prepare.ts'
import type { Ours } from './failure.ts'
import { type Frame, frameOf } from './frames.ts'
import type { Said } from './said.ts'

export interface ServicePart {
  /** Streams the archive, whose token the worker is not shown. */
  sendArchive(): void
  /** Builds from what the worker unpacked. */
  build(asked: Extract<Said, { say: 'build' }>): void
  stopBuild(): void
  /** What it failed with itself. */
  readonly failed: ReadonlyMap<Ours, unknown>
  /** Ends what is under way. @returns once it has ended */
  end(): Promise<void>
}

/** @throws {Error} `sendArchive` and `build`: the worker asks for what it has not been promised */
export function servicePart(
  input: Writable,
  request: PrepareRequest,
  images: ImageSource,
  archives: Archives,
  folder: string,
  signal: AbortSignal,
): ServicePart {
  const running = new Map<Ours, Promise<void>>()
  const failed = new Map<Ours, unknown>()
  const stop = new AbortController()
  const buildStop = new AbortController()
  const { repository, sha } = request.target
  const run = (what: Ours, work: () => Promise<void>) => {
    if (running.has(what)) throw new Error(`the worker asked twice at once: ${what}`)
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
      run('archive', async () => {
        const linked = AbortSignal.any([signal, stop.signal])
        const tarball = await archives.tarball(repository.id, sha, linked)
        for await (const chunk of addAbortSignal(linked, tarball)) {
          await send(input, { kind: 'archive', chunk })
        }
        await send(input, { kind: 'archive ends' })
      })
    },
    build({ context, dockerfile, build }) {
      if (images.kind !== 'repo') throw new Error('the worker asked for an image that it was given')
      const { secrets } = request.app.build
      const own = { ...request.app, context, dockerfile, build: { ...build, secrets } }
      const linked = AbortSignal.any([signal, stop.signal, buildStop.signal])
      run('build', async () => {
        const image = await images.build(own, join(folder, REPO_FOLDER), linked)
        await send(input, { kind: 'built', image })
      })
    },
    stopBuild: () => buildStop.abort(new Error('something else failed meanwhile')),
    async end() {
      stop.abort(new Error('the worker has done its work'))
      await Promise.all(running.values())
    },
  }
}

/** Sends a frame, and waits while the worker has enough to read. What a worker that has ended is sent is lost. */
export async function send(input: Writable, frame: Frame): Promise<void> {
  if (input.destroyed) return
  for (const part of frameOf(frame)) input.write(part)
  if (!input.writableNeedDrain) return
  const settled = new AbortController()
  const { signal } = settled
  await Promise.race([once(input, 'drain', { signal }), once(input, 'close', { signal })]).finally(() =>
    settled.abort(),
  )
}
