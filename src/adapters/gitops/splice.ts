/** Puts one folder into a tree, rewriting only the trees on the path to it. */
import { Terminal } from '../../domain/errors.ts'
import type { Draft } from './draft.ts'
import type { ObjectReader } from './git-object.ts'
import { entryName, FOLDER_MODE, folderIn, parseTree, withEntry } from './tree.ts'

/** The id of the folder at a path, null where there is none. */
export async function treeAt(reader: ObjectReader, root: string, names: readonly string[]): Promise<string | null> {
  let tree: string | null = root
  for (const name of names) {
    if (tree === null) return null
    tree = folderIn(parseTree(await reader.read(tree, 'tree')), entryName(name))
  }
  return tree
}

/**
 * @param tree the tree to start from, null where there is none
 * @param folder the new folder's tree, null to take it away; folders that are empty then go as well
 * @returns the new tree, null where nothing is left of it
 * @throws {Terminal} (operator) something that is no folder stands on the path
 */
export async function spliced(
  draft: Draft,
  tree: string | null,
  names: readonly string[],
  folder: string | null,
): Promise<string | null> {
  const [name, ...rest] = names
  if (name === undefined) return folder
  const entries = await draft.entriesOf(tree)
  const old = entries.find((entry) => entry.name === entryName(name))
  if (old !== undefined && old.mode !== FOLDER_MODE) {
    throw new Terminal(`${name} is a file in the GitOps repo, where previews need a folder: move it away`, {
      whose: 'operator',
    })
  }
  const id = await spliced(draft, old?.id ?? null, rest, folder)
  return draft.putTree(
    withEntry(entries, entryName(name), id === null ? null : { mode: FOLDER_MODE, name: entryName(name), id }),
  )
}
