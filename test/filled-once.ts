import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Fills a folder, unless it is there: whoever finds it finds it whole, and one that could not be filled is not there.
 * Where several processes are at it at the same time, what the first has made counts.
 * @throws what `fill` does
 */
export async function filledOnce(folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
  if (await isThere(folder)) return
  await mkdir(dirname(folder), { recursive: true })
  const draft = await mkdtemp(join(dirname(folder), 'draft-'))
  try {
    await fill(draft)
    // Somebody else may have made the same meanwhile: theirs is as good.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
