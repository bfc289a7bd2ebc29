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

async function contentsOf(store: string): Promise<Omit<StoreContents, 'name'>> {
  const listed = async (what: 'containers' | 'images'): Promise<number> => {
    const storage = ['--root', `${store}/root`, '--runroot', `${store}/run`, '--storage-driver', 'vfs']
    const { stdout } = await runTool({
      command: 'buildah',
      args: [...storage, what, '--all', '--quiet'],
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', HOME: '/nohome' },
      signal: AbortSignal.timeout(30_000),
    })
    return stdout.split('\n').filter(Boolean).length
  }
  // In this order: buildah makes the folders of a store that has none.
  const [containers, images] = [await listed('containers'), await listed('images')]
  const layers = (await readdir(join(store, 'root', 'vfs', 'dir')).catch(noneYet)).length
  return { hasWork: (await readdir(store)).includes('work'), containers, images, layers }
}

const noneYet = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return []
  throw error
}
