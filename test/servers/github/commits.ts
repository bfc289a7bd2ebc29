/** A repo's history, kept in memory: every commit has its whole tree. */
import { createHash } from 'node:crypto'

/** A file of a tree: text, bytes, something to run, or a link. */
export type Content =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly isExecutable: true }
  | { readonly linkTo: string }
/** Path -> content of a whole tree. */
export type Files = Readonly<Record<string, Content>>
/** Path -> content of what changes; null takes a file away. */
export type FileChanges = Readonly<Record<string, Content | null>>

export interface Commit {
  readonly sha: string
  readonly treeId: string
  readonly parents: readonly string[]
  readonly files: ReadonlyMap<string, Content>
  readonly message: string
  readonly author: string
  readonly atMs: number
}

/** A commit on top of its parents, with the first one's files. Its id covers what git's does, not in git's format. */
export function commitOn(
  parents: readonly Commit[],
  changes: FileChanges,
  about: { readonly message: string; readonly author: string; readonly atMs: number },
): Commit {
  const files = new Map(parents[0]?.files ?? [])
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) files.delete(path)
    else files.set(path, content)
  }
  const tree = createHash('sha1')
  for (const path of [...files.keys()].sort()) {
    const { kind, bytes } = readContent(files.get(path) ?? '')
    tree.update(`${kind} ${path}\0${bytes.length}\0`).update(bytes)
  }
  const treeId = tree.digest('hex')
  const sha = createHash('sha1')
    .update(
      `${treeId}\n${parents.map(({ sha: each }) => each).join()}\n${about.author}\n${about.atMs}\n${about.message}`,
    )
    .digest('hex')
  return { sha, treeId, parents: parents.map((parent) => parent.sha), files, ...about }
}

/** What a file is and its bytes; a link's bytes are its target. */
export function readContent(content: Content): { kind: 'file' | 'executable' | 'link'; bytes: Buffer } {
  if (typeof content === 'string') return { kind: 'file', bytes: Buffer.from(content) }
  if (content instanceof Uint8Array) return { kind: 'file', bytes: Buffer.from(content) }
  if ('linkTo' in content) return { kind: 'link', bytes: Buffer.from(content.linkTo) }
  return { kind: 'executable', bytes: Buffer.from(content.content) }
}

/** Whether `sha` is `of` or one of its ancestors. */
export function isAncestor(commits: ReadonlyMap<string, Commit>, sha: string, of: string): boolean {
  const seen = new Set([of])
  // A set is iterated in order, what is added on the way included.
  for (const at of seen) for (const parent of commits.get(at)?.parents ?? []) seen.add(parent)
  return seen.has(sha)
}
