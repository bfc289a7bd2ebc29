/** The part of an unpacked repo that an image is built from. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import type { BuildRequest } from '../../ports.ts'

export interface Source {
  /** The context's real, absolute path. */
  readonly context: string
  readonly dockerfile: Dockerfile
}

interface Dockerfile {
  /** Below the repo, as it is named to people. */
  readonly name: string
  /** Its real, absolute path. */
  readonly path: string
  readonly text: string
}

const DOCKERFILE_MAX_BYTES = 1024 * 1024

/**
 * Finds both inside the repo, links followed.
 * @throws {Terminal} (author) one is missing, is of the wrong kind, or leads out of the repo; it names the path
 */
export async function sourceOf({ root, context, dockerfile }: BuildRequest): Promise<Source> {
  const realRoot = await realpath(root)
  const contextPath = await pathInside(realRoot, context, 'build context')
  if (!(await stat(contextPath)).isDirectory()) throw new Terminal(`the build context ${context} is not a folder`)
  const path = await pathInside(realRoot, dockerfile, 'Dockerfile')
  const file = await stat(path)
  if (!file.isFile()) throw new Terminal(`the Dockerfile ${dockerfile} is not a file`)
  if (file.size > DOCKERFILE_MAX_BYTES) throw new Terminal(`the Dockerfile ${dockerfile} is larger than 1 MiB`)
  return { context: contextPath, dockerfile: { name: dockerfile, path, text: await readFile(path, 'utf8') } }
}

async function pathInside(realRoot: string, path: string, what: string): Promise<string> {
  const real = await realpath(join(realRoot, path)).catch((cause) => {
    if (isMissing(cause)) throw new Terminal(`the ${what} ${path} is not in the repo`, { cause })
    throw cause
  })
  if (real === realRoot || real.startsWith(realRoot + sep)) return real
  throw new Terminal(`the ${what} ${path} leads out of the repo`)
}

/** ELOOP is a link that leads to itself: there is nothing at its end either. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(error.code))
