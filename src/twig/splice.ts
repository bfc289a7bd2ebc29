/** Puts one folder into a tree, rewriting only the trees on the path to it. */
import type { Draft } from './draft.ts'
import { Refused } from './errors.ts'
import type { ObjectReader } from './git-object.ts'
import { entryIn, entryName, FOLDER_MODE, isFolder } from './tree.ts'

/** The id of the folder at a path, null where there is none. */
export async function treeAt(reader: ObjectReader, root: string, names: readonly string[]): Promise<string | null> {
  let tree: string | null = root
  for (const name of names) {
    if (tree === null) return null
    const entry = entryIn(await reader.read(tree, 'tree'), entryName(name))
    tree = entry !== null && isFolder(entry) ? entry.id : null
  }
  return tree
}

/**
 * @param tree the tree to start from, null where there is none
 * @param folder the new folder's tree, null to take it away; folders that are empty then go as well
 * @returns the new tree, null where nothing is left of it
 * @throws {Refused} something that is no folder stands on the path
 */
export async function spliced(
  draft: Draft,
  tree: string | null,
  names: readonly string[],
  folder: string | null,
): Promise<string | null> {
  const [first, ...rest] = names
  if (first === undefined) return folder
  const name = entryName(first)
  const old = tree === null ? null : entryIn(await draft.read(tree, 'tree'), name)
  if (old !== null && !isFolder(old)) {
    throw new Refused('file on the path', `${first} is a file in the repo, where a folder is needed`)
  }
  const id = await spliced(draft, old?.id ?? null, rest, folder)
  return await draft.splice(tree, name, id === null ? null : { mode: FOLDER_MODE, name, id })
}
