/** One of buildah's storages, and what is done to it between builds. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../child-process.ts'
import type { BuilderSettings } from './builder-settings.ts'
import type { Limits } from './tidy.ts'

export interface Store {
  readonly path: string
  /** Where its images and layers are. */
  readonly root: string
  /** The work folder of the build that is using it. */
  readonly work: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** buildah lives for a second or two, a seventh of which it would spend on freeing memory (Go's runtime: environment). */
const GO = { GOGC: '400', GOMEMLIMIT: '512MiB' }

/** The store in a folder. */
export function storeAt(path: string, settings: BuilderSettings): Store {
  const root = join(path, 'root')
  const flags = ['--root', root, '--runroot', join(path, 'run'), '--storage-driver', 'vfs']
  const env = { ...settings.env, ...GO, PATH: settings.path, HOME: path, TMPDIR: path, XDG_RUNTIME_DIR: path }
  return { path, root, work: join(path, 'work'), flags, env }
}

/** Runs buildah on a store outside of a build. */
const runOn = ({ path, flags, env }: Store, args: readonly string[], limits: Omit<Limits, 'timeoutMs'>) =>
  runTool({ command: 'buildah', args: [...flags, ...args], cwd: path, env, ...limits })

/**
 * Removes what a build left in its store that failed or was killed, layers apart. The work folder goes last: while it is
 * there, not all was removed.
 */
export async function sweepStore(store: Store, limits: Limits): Promise<void> {
  await runOn(store, ['rm', '--all'], limits)
  await removeWork(store, limits)
}

/** Removes what a build left whose process was killed: checkouts and credentials. */
export async function sweepKilled(store: Store, limits: Limits): Promise<void> {
  if (existsSync(store.work)) await sweepStore(store, limits)
}

/** Removes what a build left that went well: its work folder with the credentials, and the image that had its name before. */
export async function sweepBuilt(store: Store, limits: Limits): Promise<void> {
  await removeWork(store, limits)
  await runOn(store, ['rmi', '--prune'], limits)
}

/** Without root some of it belongs to users that exist only in a user namespace. */
async function removeWork(store: Store, limits: Limits): Promise<void> {
  if (isRoot()) await rm(store.work, { recursive: true, force: true })
  else await runOn(store, ['unshare', 'rm', '-rf', store.work], limits)
}

/** Removes every image and layer of a store that no build is using. */
export async function emptyStore(store: Store, signal: AbortSignal): Promise<void> {
  await runOn(store, ['rmi', '--all', '--force'], { signal })
}

/** Without root, buildah makes a user namespace for whatever it does. */
export const isRoot = (): boolean => process.getuid?.() === 0
