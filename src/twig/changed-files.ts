/** What a change of a folder comes to, file by file: for what writes commits without git's objects. */
import type { FolderChange } from './drafted-changes.ts'
import { Refused } from './errors.ts'
import { type ObjectReader, objectIdOf } from './git-object.ts'
import { entryName, isFile, isFolder, parseTree, type TreeEntry, textOfName } from './tree.ts'

export interface ChangedFiles {
  /** Path from the root -> content of what is new or other than before. */
  readonly additions: ReadonlyMap<string, Buffer>
  /** Paths from the root of what is there, and goes. */
  readonly deletions: readonly string[]
}

/**
 * A file whose content stays is not among them: nothing else about it changes then, such as its executable bit.
 * @param current the folder's tree as it is, null where there is none
 * @throws {Refused} something has to go whose name is no text, so that it can't be named
 */
export async function changedFiles(
  reader: ObjectReader,
  { path, files }: FolderChange,
  current: string | null,
): Promise<ChangedFiles> {
  const before = current === null ? new Map<string, TreeEntry>() : await entriesBelow(reader, current)
  const additions = new Map<string, Buffer>()
  const wanted = new Set<string>()
  const fromRoot = (below: string) => [...path, below].join('/')
  for (const [below, text] of files ?? []) {
    const name = entryName(below)
    const content = Buffer.from(text, 'utf8')
    const old = before.get(name)
    wanted.add(name)
    const isSame = old !== undefined && isFile(old) && old.id === objectIdOf({ type: 'blob', content })
    if (!isSame) additions.set(fromRoot(below), content)
  }
  const gone = [...before.keys()].filter((name) => !wanted.has(name))
  return { additions, deletions: gone.map((name) => fromRoot(nameable(name))) }
}

/** Whatever is not a folder below a tree, by its path as entries have names. */
async function entriesBelow(reader: ObjectReader, tree: string, at = ''): Promise<Map<string, TreeEntry>> {
  const found = new Map<string, TreeEntry>()
  for (const entry of parseTree(await reader.read(tree, 'tree'))) {
    const name = `${at}${entry.name}`
    if (!isFolder(entry)) found.set(name, entry)
    else for (const [inner, other] of await entriesBelow(reader, entry.id, `${name}/`)) found.set(inner, other)
  }
  return found
}

function nameable(name: string): string {
  const text = textOfName(name)
  if (entryName(text) === name) return text
  throw new Refused('name not text', `The name of ${JSON.stringify(text)} is not UTF-8`)
}
