/** What runs leave on this machine: temporary folders and processes. The instance's own, and buildah's cache, apart. */
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** What an instance has for as long as it runs, or keeps on purpose. */
const KEPT = /^westage-(instance|gitops|test|buildah|registry)-/

/** The folders of services that are running, or that left theirs behind, by path. */
export async function processFolders(): Promise<string[]> {
  const instances = (await readdir(tmpdir())).filter((name) => name.startsWith('westage-instance-'))
  const found = await Promise.all(instances.map((name) => pathsIn(join(tmpdir(), name, 'data', 'work'))))
  return found.flat()
}

/** Temporary folders of runs, by path. */
async function workFolders(): Promise<string[]> {
  const paths = await Promise.all([tmpdir(), ...(await processFolders())].map(pathsIn))
  return paths.flat().filter((path) => basename(path).startsWith('westage-') && !KEPT.test(basename(path)))
}

/** None where there is no such folder: it may go while it is looked for. */
async function pathsIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).map((name) => join(folder, name))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** The home of a worker, which waits for the next run; what it runs has others. */
const WORKERS = /\0?HOME=[^\0]*\/worker-[^/\0]*\0/

/** Processes whose environment names a folder of a run, as `pid command`. Linux: proc(5); none elsewhere. */
async function toolProcesses(): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const own = `=${tmpdir()}/westage-`
  const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))
  const found = await Promise.all(
    ids.map(async (id) => {
      // A process that ends while it is looked at is gone: first its memory is, where both of these are.
      const [environment = '', command = ''] = await Promise.all(
        ['environ', 'cmdline'].map((file) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '')),
      )
      return command !== '' && environment.includes(own) && !WORKERS.test(environment)
        ? [`${id} ${command.replaceAll('\0', ' ')}`]
        : []
    }),
  )
  return found.flat()
}

/** Both, one line each. Needs a TMPDIR of the test file's own, so that nothing of another file is among them. */
export const leftBehind = async (): Promise<string[]> => (await Promise.all([workFolders(), toolProcesses()])).flat()
