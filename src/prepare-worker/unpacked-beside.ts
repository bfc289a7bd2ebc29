import { join } from 'node:path'
import type { Archives, Unpacker, Workspaces } from '../ports.ts'
import { type ImageSource, type PrepareRequest, REPO_FOLDER } from '../reconcile/prepare.ts'

export interface UnpackedRepo {
  /** Where it is. @throws as an unpacker */
  path(signal: AbortSignal): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The repo on this machine, for the builder, where the worker has unpacked it on another one: this goes on beside its
 * start. Nothing is unpacked where no image is built.
 */
export async function unpackedBeside(
  { target: { repository, sha } }: PrepareRequest,
  images: ImageSource,
  {
    archives,
    unpacker,
    workspaces,
  }: { readonly archives: Archives; readonly unpacker: Unpacker; readonly workspaces: Workspaces },
  signal: AbortSignal,
): Promise<UnpackedRepo> {
  if (images.kind === 'made') {
    const path = async (): Promise<never> => {
      throw new Error('nothing is unpacked where no image is built')
    }
    return { path, async [Symbol.asyncDispose]() {} }
  }
  const workspace = await workspaces.open()
  const halt = new AbortController()
  const linked = AbortSignal.any([signal, halt.signal])
  const into = join(workspace.path, REPO_FOLDER)
  const unpacking = archives
    .tarball(repository.id, sha, linked)
    // What is left out of it, the worker says.
    .then((tarball) => unpacker.unpack(tarball, into, 'everything', () => {}, linked))
    .then(() => into)
  // Where nobody wants an image in the end, nobody hears of it.
  const settled = unpacking.then(
    () => {},
    () => {},
  )
  return {
    path(stop) {
      const stopped = () => halt.abort(stop.reason)
      if (stop.aborted) stopped()
      stop.addEventListener('abort', stopped, { once: true })
      return unpacking
    },
    async [Symbol.asyncDispose]() {
      halt.abort(new Error('the work is over'))
      await settled
      await workspace[Symbol.asyncDispose]()
    },
  }
}
