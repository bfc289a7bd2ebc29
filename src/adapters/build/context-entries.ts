/** What of a build context a builder can see. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { IgnorePattern } from './ignore-patterns.ts'
import { inStretches } from './stretches.ts'

export interface ContextEntry {
  /** Below the context. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
}

/**
 * How a builder takes an exception that names a folder, for a file in it that a pattern leaves out which does not name
 * the folder: `**\/a` and then `!b`, for `b/a`. BuildKit and docker ask an exception only about what was left out up to
 * it, and let a file in a folder know what was asked about the folder: left out (moby/patternmatcher,
 * MatchesUsingParentResults). buildah asks all patterns about the file and every folder above it: seen
 * (containers/storage, pkg/fileutils).
 */
export type IgnoreReading = 'docker' | 'buildah'

/**
 * Every entry below `context` that is not ignored, in no order. A folder that is ignored is looked through for
 * exceptions.
 */
export async function contextEntries(
  context: string,
  patterns: readonly IgnorePattern[],
  reading: IgnoreReading,
  signal: AbortSignal,
): Promise<readonly ContextEntry[]> {
  const entries: ContextEntry[] = []
  const hasExceptions = patterns.some(({ isException }) => isException)
  const pause = inStretches(signal)
  const open: { readonly folder: string; readonly named: readonly boolean[] }[] = [
    { folder: '', named: patterns.map(() => false) },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const found of await readdir(join(context, next.folder), { withFileTypes: true })) {
      await pause()
      const path = next.folder === '' ? found.name : `${next.folder}/${found.name}`
      const { isIgnored, named } = judged(path, patterns, next.named, reading)
      const isFolder = found.isDirectory()
      if (!isIgnored) entries.push({ path, kind: isFolder ? 'folder' : found.isSymbolicLink() ? 'link' : 'file' })
      if (isFolder && (!isIgnored || hasExceptions)) open.push({ folder: path, named })
    }
  }
  return entries
}

/** @param above which patterns name a folder that the path is in */
function judged(
  path: string,
  patterns: readonly IgnorePattern[],
  above: readonly boolean[],
  reading: IgnoreReading,
): { readonly isIgnored: boolean; readonly named: readonly boolean[] } {
  let isIgnored = false
  const named = patterns.map(({ isException, names }, at) => {
    const isAsked = reading === 'buildah' || isException === isIgnored
    const isNamed = above[at] === true || (isAsked && names(path))
    if (isNamed) isIgnored = !isException
    return isNamed
  })
  return { isIgnored, named }
}
