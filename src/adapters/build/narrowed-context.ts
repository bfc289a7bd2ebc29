/**
 * The part of a build context that an image's `paths` name, in a folder of its own. A builder is handed nothing else, so
 * that what an image is made from is what its tag is a hash of: a path that `paths` forgot fails the build.
 */
import { copyFile, link, mkdir, mkdtemp, readdir, readlink, realpath, rm, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import { isWithinPattern } from '../../domain/path-pattern.ts'
import type { BuildRequest, Log } from '../../ports.ts'
import type { Source } from './source.ts'
import { inStretches } from './stretches.ts'

export interface NarrowedSource extends AsyncDisposable {
  readonly source: Source
}

export interface Narrowing {
  /** Names at the top of the context that are kept whatever `paths` says: ignore files. */
  readonly kept: readonly string[]
  /** Where the folder is made. */
  readonly workDir: string
}

/**
 * Files are not copied where they can be linked. Disposing removes the folder.
 * @returns the source as it is, where `paths` is null
 * @throws {Terminal} (author) nothing of the context is named
 */
export async function narrowedSource(
  source: Source,
  { root, context, paths }: Pick<BuildRequest, 'root' | 'context' | 'paths'>,
  { kept, workDir }: Narrowing,
  log: Log,
  signal: AbortSignal,
): Promise<NarrowedSource> {
  if (paths === null) return { source, async [Symbol.asyncDispose]() {} }
  // Patterns are compared with paths as git has them: of the repo, links followed.
  const above = relative(await realpath(root), source.context)
  const isNamed = (path: string) => paths.some((pattern) => isWithinPattern(pattern, join(above, path)))
  const folder = await mkdtemp(join(workDir, 'westage-context-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const files = await linkNamed(source.context, folder, isNamed, kept, signal)
    if (files === 0) throw new Terminal(`its paths name nothing of the build context ${context}: ${paths.join(', ')}`)
    log(`of the build context ${context} its paths name ${files} ${files === 1 ? 'file' : 'files'}`)
    return { source: { ...source, context: folder }, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** @returns how many files and links are named, by themselves or with a folder; folders are made for what is in them */
async function linkNamed(
  context: string,
  into: string,
  isNamed: (path: string) => boolean,
  kept: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const pause = inStretches(signal)
  let named = 0
  const open = [{ folder: '', isWhole: isNamed('') }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    let isMade = next.folder === ''
    for (const entry of await readdir(join(context, next.folder), { withFileTypes: true })) {
      await pause()
      const path = join(next.folder, entry.name)
      const isWithin = next.isWhole || isNamed(path)
      if (entry.isDirectory()) open.push({ folder: path, isWhole: isWithin })
      else if (isWithin || kept.includes(path)) {
        if (!isMade) await mkdir(join(into, next.folder), { recursive: true })
        isMade = true
        const from = join(context, path)
        if (entry.isSymbolicLink()) await symlink(await readlink(from), join(into, path))
        else await linkOrCopy(from, join(into, path))
        if (isWithin) named += 1
      }
    }
  }
  return named
}

/** link(2): from one file system to another there are no links, on some not at all, nor to the files of other users. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV' && error.code !== 'EPERM') throw error
    await copyFile(from, to)
  })
}
