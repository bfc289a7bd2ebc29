/** One of buildah's storages, and what is done to it between builds. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool, ToolTimedOut } from '../child-process.ts'
import { containersIn, isMostlyLost, uncommittedIn } from './buildah-storage.ts'
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

/** Removes what a build left in its store that failed. Its layers stay: the push that mends it goes on from them. */
export async function sweepFailed(store: Store, limits: Limits): Promise<void> {
  await removeContainers(store, limits)
  await removeWork(store, limits)
}

/**
 * Removes what a build left in its store that nobody waits for any more, layers too. The work folder goes last: while it
 * is there, not all was removed.
 */
export async function sweepAborted(store: Store, limits: Limits): Promise<void> {
  await removeContainers(store, limits)
  const uncommitted = await uncommittedIn(store.root)
  if (uncommitted.length > 0) await runOn(store, ['rmi', ...uncommitted], limits)
  await runOn(store, ['rmi', '--prune'], limits)
  if (await isMostlyLost(store.root)) await setAside(store)
  await removeWork(store, limits)
}

/**
 * Does so after a build whose process was killed, or that could not be swept in time: its work folder is still there. A
 * store that buildah can't make sense of any more is emptied.
 */
export async function sweepKilled(store: Store, limits: Limits): Promise<void> {
  if (!existsSync(store.work)) return
  await sweepAborted(store, limits).catch(async (error) => {
    if (limits.signal.aborted || error instanceof ToolTimedOut) throw error
    await emptyStore(store, limits)
  })
}

/** Removes what a build left that went well: its work folder with the credentials, and the image that had its name before. */
export async function sweepBuilt(store: Store, limits: Limits): Promise<void> {
  await removeWork(store, limits)
  await runOn(store, ['rmi', '--prune'], limits)
}

/** Removes every image and layer of a store that no build is using. */
export async function emptyStore(store: Store, limits: Omit<Limits, 'timeoutMs'>): Promise<void> {
  await setAside(store)
  await removeWork(store, limits)
}

async function removeContainers(store: Store, limits: Limits): Promise<void> {
  const ids = await containersIn(store.root)
  if (ids.length > 0) await runOn(store, ['rm', ...ids], limits)
}

/** All at once, so that no half of a storage is taken for a whole one. */
async function setAside({ path, work }: Store): Promise<void> {
  await mkdir(work, { recursive: true, mode: 0o700 })
  const aside = await mkdtemp(join(work, 'aside-'))
  for (const name of ['root', 'run']) {
    if (existsSync(join(path, name))) await rename(join(path, name), join(aside, name))
  }
}

/** Without root some of it belongs to users that exist only in a user namespace. */
async function removeWork(store: Store, limits: Omit<Limits, 'timeoutMs'>): Promise<void> {
  const { path: cwd, env, work } = store
  if (isRoot()) await runTool({ command: 'rm', args: ['-rf', work], cwd, env, ...limits })
  else await runOn(store, ['unshare', 'rm', '-rf', work], limits)
}

/** Without root, buildah makes a user namespace for whatever it does. */
export const isRoot = (): boolean => process.getuid?.() === 0
