/**
 * A folder for all that a process keeps on disk only while it runs: checkouts, tools' homes, credentials for tools,
 * objects of git. What a process that was killed left behind is removed by the next that starts.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from './child-process.ts'

/** A folder that is not complete has a dot before its name, so that nobody takes it for a dead process's at once. */
const INCOMPLETE = '.'
const INCOMPLETE_MS = 60_000

/** Open for reading for as long as the process lives, whatever it dies of. */
const ALIVE = 'alive'

/**
 * Makes a folder of this process's own below `parent`, after it removed those of processes that are dead.
 * @param path where `mkfifo` is looked up
 * @returns its real path; `close` removes it
 * @throws what the file system says
 */
export async function openProcessFolder(
  parent: string,
  path: string,
): Promise<{ readonly path: string; close(): Promise<void> }> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const root = await realpath(parent)
  await removeDead(root)
  const made = await mkdtemp(join(root, INCOMPLETE))
  const signal = new AbortController().signal
  await runTool({ command: 'mkfifo', args: [ALIVE], cwd: made, env: { PATH: `${path}:/usr/bin:/bin` }, signal })
  const alive = openSync(join(made, ALIVE), constants.O_RDONLY | constants.O_NONBLOCK)
  const own = join(root, made.slice(join(root, INCOMPLETE).length))
  await rename(made, own)
  return {
    path: own,
    async close() {
      closeSync(alive)
      await remove(own)
    },
  }
}

async function removeDead(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const folder = join(root, name)
    if (isAlive(folder) || (name.startsWith(INCOMPLETE) && (await ageMs(folder)) < INCOMPLETE_MS)) continue
    await remove(folder)
  }
}

/** 0 where it just got its name. */
async function ageMs(folder: string): Promise<number> {
  const about = await stat(folder).catch((error) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return about === null ? 0 : Date.now() - about.mtimeMs
}

/** POSIX, open(): a FIFO that nobody reads can't be opened for writing without blocking (ENXIO). */
function isAlive(folder: string): boolean {
  try {
    closeSync(openSync(join(folder, ALIVE), constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENXIO', 'ENOENT', 'ENOTDIR'].includes(String(error.code))) {
      return false
    }
    throw error
  }
}

/** A tool that was killed with its process may have made a file a moment ago. */
const remove = (folder: string) => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
