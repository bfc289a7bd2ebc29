/** A cgroup of the node's own in each hierarchy (cgroups(7)), so that its pods' are found and removed. */
import { access, mkdir, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../demo/until.ts'

const ROOT = '/sys/fs/cgroup'
const EMPTY_TIMEOUT_MS = 20_000

export async function makeCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name))
}

/** Once the processes in it have ended, which the kernel takes note of a little later. */
export async function removeCgroup(name: string): Promise<void> {
  const signal = new AbortController().signal
  for (const hierarchy of await hierarchies()) {
    const remove = async () => {
      try {
        await removeTree(join(hierarchy, name))
        return null
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EBUSY') return error.message
        throw error
      }
    }
    await until(`the cgroup ${name} to be empty`, EMPTY_TIMEOUT_MS, remove, signal)
  }
}

/** Version 2 is one hierarchy; version 1 has one for each controller, some under two names. */
async function hierarchies(): Promise<string[]> {
  const isVersion2 = await access(join(ROOT, 'cgroup.controllers')).then(
    () => true,
    () => false,
  )
  if (isVersion2) return [ROOT]
  const entries = await readdir(ROOT, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(ROOT, name))
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unlessMissing)
  if (entries === null) return
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  await rmdir(folder).catch(unlessMissing)
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
