/** What buildah has in the stores of a cache. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../../src/adapters/child-process.ts'

export interface StoreContents {
  /** `app/0`, without what can't be guessed of the app's folder. */
  readonly name: string
  /** A build is using it, or was and could not be swept. */
  readonly hasWork: boolean
  readonly containers: number
  readonly images: number
  /** On the disk, whether an image has them or none. */
  readonly layers: number
}

export async function storesIn(cacheDir: string): Promise<readonly StoreContents[]> {
  const found: StoreContents[] = []
  for (const app of await readdir(cacheDir)) {
    for (const nth of await readdir(join(cacheDir, app))) {
      const name = `${app.split('.')[0]}/${nth}`
      found.push({ name, ...(await contentsOf(join(cacheDir, app, nth))) })
    }
  }
  return found.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** buildah as anybody runs it, on the storage of a folder, which is its home. */
export const buildahOn = (folder: string, args: readonly string[]) =>
  runTool({
    command: 'buildah',
    args: ['--root', `${folder}/root`, '--runroot', `${folder}/run`, '--storage-driver', 'vfs', ...args],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder },
    signal: AbortSignal.timeout(30_000),
  })

/** The ids of what is in a store. */
export async function listIn(store: string, what: 'containers' | 'images'): Promise<readonly string[]> {
  const { stdout } = await buildahOn(store, [what, '--all', '--quiet'])
  return stdout.split('\n').filter(Boolean)
}

async function contentsOf(store: string): Promise<Omit<StoreContents, 'name'>> {
  // In this order: buildah makes the folders of a store that has none.
  const [containers, images] = [(await listIn(store, 'containers')).length, (await listIn(store, 'images')).length]
  const layers = (await readdir(join(store, 'root', 'vfs', 'dir')).catch(noneYet)).length
  return { hasWork: (await readdir(store)).includes('work'), containers, images, layers }
}

const noneYet = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return []
  throw error
}
