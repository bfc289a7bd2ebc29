/** The tree of a folder's whole new content. */
import type { Draft } from './draft.ts'
import { EXECUTABLE_MODE, entryName, FILE_MODE, FOLDER_MODE, isFolder, type TreeEntry } from './tree.ts'

/**
 * Puts the files and their folders into the draft. A file that somebody made executable stays so.
 * @param files path below the folder -> text, as `checkFiles` lets through
 * @param current the folder's tree as it is, null where there is none
 * @returns the new tree's id, null where there are no files
 */
export async function putFolder(
  draft: Draft,
  files: ReadonlyMap<string, string>,
  current: string | null,
): Promise<string | null> {
  const before = new Map((await draft.entriesOf(current)).map((entry) => [entry.name, entry]))
  const entries: TreeEntry[] = []
  const below = new Map<string, Map<string, string>>()
  for (const [path, text] of files) {
    const at = path.indexOf('/')
    if (at < 0) {
      const name = entryName(path)
      const mode = before.get(name)?.mode === EXECUTABLE_MODE ? EXECUTABLE_MODE : FILE_MODE
      entries.push({ mode, name, id: draft.put('blob', Buffer.from(text, 'utf8')) })
    } else {
      const folder = below.get(path.slice(0, at)) ?? new Map<string, string>()
      below.set(path.slice(0, at), folder.set(path.slice(at + 1), text))
    }
  }
  for (const [folder, inside] of below) {
    const name = entryName(folder)
    const old = before.get(name)
    const id = await putFolder(draft, inside, old !== undefined && isFolder(old) ? old.id : null)
    if (id !== null) entries.push({ mode: FOLDER_MODE, name, id })
  }
  return draft.putTree(entries)
}

/** Every object below a tree, itself included. */
export async function idsBelow(draft: Draft, tree: string | null): Promise<ReadonlySet<string>> {
  const ids = new Set<string>(tree === null ? [] : [tree])
  for (const entry of await draft.entriesOf(tree)) {
    ids.add(entry.id)
    if (isFolder(entry)) for (const inner of await idsBelow(draft, entry.id)) ids.add(inner)
  }
  return ids
}
