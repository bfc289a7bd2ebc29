import { lstat, readlink } from 'node:fs/promises'
import { posix } from 'node:path'

/** Where a path of a kustomization ends. `path` is without links and relative to the root, '' the root itself. */
export type Located =
  | { readonly kind: 'file' | 'folder' | 'missing'; readonly path: string }
  | { readonly kind: 'absolute' | 'outside' | 'outside by a link' | 'loop' }

const LINKS_FOLLOWED_MAX = 40

/**
 * Follows a path as kustomize does: first the text is cleaned of `..`, then links are followed.
 * @param root a real path
 * @param from the folder that the path starts from: relative to the root, without links
 * @param onPart called before each name that is looked up; what it throws ends the walk
 */
export async function locate(
  root: string,
  from: string,
  path: string,
  onPart: () => void = () => {},
): Promise<Located> {
  if (path.startsWith('/')) return { kind: 'absolute' }
  const joined = posix.join(from, path)
  const todo = partsOf(joined)
  if (todo[0] === '..') return { kind: 'outside' }
  const at: string[] = []
  let kind: 'file' | 'folder' = 'folder'
  for (let followed = 0; todo.length > 0; ) {
    onPart()
    const part = todo.shift() ?? ''
    if (part === '..') {
      if (at.pop() === undefined) return { kind: 'outside by a link' }
      kind = 'folder'
      continue
    }
    const here = [...at, part].join('/')
    const found: EntryKind | null = kind === 'folder' ? await entryAt(posix.join(root, here)) : null
    if (found === null) return { kind: 'missing', path: posix.join(here, ...todo) }
    if (found !== 'link') {
      at.push(part)
      kind = found
      continue
    }
    followed += 1
    if (followed > LINKS_FOLLOWED_MAX) return { kind: 'loop' }
    const target = await readlink(posix.join(root, here))
    if (target.startsWith('/')) return { kind: 'outside by a link' }
    todo.unshift(...partsOf(target))
  }
  return { kind, path: at.join('/') }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

type EntryKind = 'file' | 'folder' | 'link'

async function entryAt(path: string): Promise<EntryKind | null> {
  try {
    const found = await lstat(path)
    return found.isSymbolicLink() ? 'link' : found.isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE') return null
    throw error
  }
}
