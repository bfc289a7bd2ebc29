/** The folder of buildah's stores: some per image of an app, each used by one build at a time, so that what a build leaves can be told apart. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { lstat, mkdir, readdir, realpath, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, sep } from 'node:path'
import { Terminal } from '../../domain/errors.ts'

const NEARLY_FULL = 0.1

/** @throws {Terminal} (operator) `cacheDir` is another user's, who could put images into it */
export async function openCache(cacheDir: string): Promise<string> {
  await mkdir(cacheDir, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(cacheDir)
  const isOurs = uid === process.getuid?.() && (mode & 0o022) === 0
  if (!isOurs) throw new Terminal(`${cacheDir} can be written to by others`, { whose: 'operator' })
  return await realpath(cacheDir)
}

/** What is still done with stores whose builds are over. */
const settling = new Map<string, Promise<void>>()

/**
 * Runs `use` with the first store of the image that no other build is using, a new one where all are in use.
 * @param image whose stores they are, by a name without a dot
 * @param use may name, by `afterwards`, what is to be done with the store once the result is handed on; until that is
 * done, which must not throw, no other build gets the store
 */
export async function withStore<Result>(
  cacheDir: string,
  image: string,
  use: (store: string, afterwards: (work: () => Promise<void>) => void) => Promise<Result>,
): Promise<Result> {
  const folder = folderOf(cacheDir, image)
  for (let nth = 0; ; nth++) {
    const store = join(folder, String(nth))
    await settling.get(store)
    const release = await locked(store)
    if (release === null) continue
    let later = async () => {}
    try {
      return await use(store, (work) => {
        later = work
      })
    } finally {
      const settled = later()
        .then(release)
        .finally(() => settling.delete(store))
      settling.set(store, settled)
    }
  }
}

/** Settles once nothing is done any more with stores whose builds are over. Never rejects. */
export async function settledIn(cacheDir: string): Promise<void> {
  const folder = `${await realpath(cacheDir).catch(() => cacheDir)}${sep}`
  await Promise.all([...settling].flatMap(([store, settled]) => (store.startsWith(folder) ? [settled] : [])))
}

/**
 * The folder of an image's stores, whose name can't be guessed: nothing that another one's Dockerfile says names it. Made
 * in one go, so that two builds of a process don't make two.
 */
function folderOf(cacheDir: string, image: string): string {
  const [found] = readdirSync(cacheDir)
    .filter((name) => name.startsWith(`${image}.`))
    .toSorted()
  if (found !== undefined) return join(cacheDir, found)
  const made = join(cacheDir, `${image}.${randomBytes(16).toString('hex')}`)
  mkdirSync(made, { mode: 0o700 })
  return made
}

/** Runs `use` with every store that no build is using. */
export async function withIdleStores(cacheDir: string, use: (store: string) => Promise<void>): Promise<void> {
  for (const image of await readdir(cacheDir)) {
    for (const nth of await readdir(join(cacheDir, image))) {
      const store = join(cacheDir, image, nth)
      const release = await locked(store)
      if (release !== null) await use(store).finally(release)
    }
  }
}

/** Less than a tenth of the disk is free: layers are worth less than room. */
export async function isNearlyFull(folder: string): Promise<boolean> {
  const { bavail, blocks } = await statfs(folder)
  return bavail < blocks * NEARLY_FULL
}

/**
 * The lock is a socket in Linux's abstract namespace (unix(7)): the kernel lets go of it when the process dies, so that
 * a kill leaves none behind. It holds between processes of one network namespace.
 * @returns how to let go of the lock; null where another build has it
 */
async function locked(store: string): Promise<(() => Promise<void>) | null> {
  await mkdir(store, { recursive: true, mode: 0o700 })
  const lock = createServer((socket) => socket.destroy())
  lock.unref()
  lock.listen(`\0westage-store-${createHash('sha256').update(store).digest('hex')}`)
  try {
    await once(lock, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null
    throw error
  }
  return async () => {
    lock.close()
    await once(lock, 'close')
  }
}
