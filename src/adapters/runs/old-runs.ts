import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Deletes the files of `folder` that were last written before `beforeMs`, and leaves those for which `isInUse`.
 * @throws what the file system says; a file that is gone already is none of it
 */
export async function deleteOldRuns(
  folder: string,
  beforeMs: number,
  isInUse: (name: string) => boolean,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.jsonl(\.tmp)?$/.test(name) || isInUse(name)) continue
    const path = join(folder, name)
    const found = await stat(path).catch(goneIsNull)
    if (found !== null && found.mtimeMs < beforeMs) await rm(path, { force: true })
  }
}

/** For `catch`: a file that is not there is an answer, anything else is not. */
export function goneIsNull(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
