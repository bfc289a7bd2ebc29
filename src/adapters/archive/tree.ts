import { Terminal } from '../../domain/errors.ts'
import { hasControlCharacter, printable, refusedEntry } from './entry-path.ts'

type EntryKind = 'file' | 'folder' | 'symlink' | 'hardlink'

/** What an archive has shown of its tree so far, what is not written included. */
export interface Tree {
  /**
   * @param target of a link, else ''
   * @throws {Terminal} (author) an entry that stands twice, passes through a link, or lies below a file
   */
  add(parts: readonly string[], kind: EntryKind, target: string): void
  isFile(path: string): boolean
  /**
   * Whether a symlink ends inside the tree, through all links that are in it.
   * @throws {Terminal} (author) all those asked for together lead through too many names
   */
  staysInside(path: string): boolean
}

interface Node {
  readonly kind: EntryKind
  readonly target: string
  readonly below: Map<string, Node>
}

/** As many as Linux follows: path_resolution(7). */
const LINKS_FOLLOWED_MAX = 40
/** Enough for any way that a person made; bounds the work that a hostile one costs. */
const PARTS_WALKED_MAX = 2000
/** Of all links of an archive together: 200,000 of them with 20 names each. */
const PARTS_IN_ALL_MAX = 4_000_000
/** PATH_MAX of Linux: symlink(2). */
const TARGET_MAX_BYTES = 4096

const nodeOf = (kind: EntryKind, target = ''): Node => ({ kind, target, below: new Map() })

/** @param maxEntries folders that only the paths of others tell of are counted, too */
export function emptyTree(maxEntries: number): Tree {
  const root = nodeOf('folder')
  let size = 0
  let partsInAll = 0
  /** The names of a path, the last first. */
  const partsOf = (path: string): string[] => {
    const parts = path.split('/').reverse()
    partsInAll += parts.length
    if (partsInAll > PARTS_IN_ALL_MAX) {
      throw new Terminal(`The links in the archive of this commit lead through more than ${PARTS_IN_ALL_MAX} names`)
    }
    return parts
  }
  const put = (parent: Node, name: string, node: Node, path: string): Node => {
    size += 1
    if (size > maxEntries) throw new Terminal(tooMany(maxEntries, path))
    parent.below.set(name, node)
    return node
  }
  const find = (parts: readonly string[]): Node | undefined => {
    let node: Node | undefined = root
    for (const part of parts) node = node?.below.get(part)
    return node
  }
  return {
    add(parts, kind, target) {
      const path = parts.join('/')
      let parent = root
      for (const [depth, name] of parts.slice(0, -1).entries()) {
        const above = parent.below.get(name) ?? put(parent, name, nodeOf('folder'), path)
        if (above.kind !== 'folder') {
          const what = above.kind === 'file' ? 'lies below the file' : 'passes through the link'
          throw refusedEntry(path, `${what} ${printable(parts.slice(0, depth + 1).join('/'))}`)
        }
        parent = above
      }
      const name = parts.at(-1) ?? ''
      const before = parent.below.get(name)
      if (before === undefined) put(parent, name, nodeOf(kind, target), path)
      else if (before.kind !== 'folder' || kind !== 'folder') {
        throw refusedEntry(path, `stands twice: as a ${before.kind} and as a ${kind}`)
      }
    },
    isFile: (path) => path.length < TARGET_MAX_BYTES && find(path.split('/'))?.kind === 'file',
    staysInside(path) {
      const at: (Node | undefined)[] = [root]
      const todo = partsOf(path)
      for (let parts = 0, links = 0; todo.length > 0; parts++) {
        const part = todo.pop() ?? ''
        if (parts > PARTS_WALKED_MAX || (part === '..' && at.length === 1)) return false
        if (part === '..') at.pop()
        if (part === '' || part === '.' || part === '..') continue
        const node = at.at(-1)?.below.get(part)
        if (node?.kind !== 'symlink') {
          at.push(node)
          continue
        }
        links += 1
        if (links > LINKS_FOLLOWED_MAX || !canBeTarget(node.target)) return false
        todo.push(...partsOf(node.target))
      }
      return true
    },
  }
}

export const tooMany = (maxEntries: number, path: string): string =>
  `The archive of this commit has more than ${maxEntries} entries; WeStage stopped at ${printable(path)}`

const canBeTarget = (target: string): boolean =>
  target !== '' &&
  !target.startsWith('/') &&
  Buffer.byteLength(target) < TARGET_MAX_BYTES &&
  !hasControlCharacter(target)
