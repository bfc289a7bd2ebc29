/**
 * git's tree objects, byte for byte: names stay the bytes that they are, so that what other people named oddly survives
 * being copied (git documentation: gitformat-pack; "Git Internals - Git Objects" in Pro Git).
 */
export interface TreeEntry {
  /** As in the object: `40000`, `100644`, `100755`, `120000`, `160000`. */
  readonly mode: string
  /** The name's bytes as Latin-1, so that comparing texts compares bytes. */
  readonly name: string
  readonly id: string
}

export const FOLDER_MODE = '40000'
export const FILE_MODE = '100644'
export const EXECUTABLE_MODE = '100755'

/** A name as entries have it. */
export const entryName = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** The name of an entry as text. */
export const textOfName = (name: string): string => Buffer.from(name, 'latin1').toString('utf8')

/** @throws where it is no tree object of a SHA-1 repo */
export function parseTree(content: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const nul = content.indexOf(0, space)
    if (space < 0 || nul < 0 || nul + 21 > content.length) throw new Error('a tree object is damaged')
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('latin1', space + 1, nul),
      id: content.toString('hex', nul + 1, nul + 21),
    })
    at = nul + 21
  }
  return entries
}

/** The object's content, with its entries in git's order. */
export const printTree = (entries: readonly TreeEntry[]): Buffer =>
  Buffer.concat(
    [...entries]
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
      .flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')]),
  )

/** git sorts a folder as if its name ended in a slash. */
const sortKey = ({ mode, name }: TreeEntry): string => (mode === FOLDER_MODE ? `${name}/` : name)

/** The entries with one of them put there, replaced, or (null) taken away. */
export const withEntry = (
  entries: readonly TreeEntry[],
  name: string,
  entry: TreeEntry | null,
): readonly TreeEntry[] => [...entries.filter((other) => other.name !== name), ...(entry === null ? [] : [entry])]

/** The id of the folder of that name, null where there is none. */
export const folderIn = (entries: readonly TreeEntry[], name: string): string | null =>
  entries.find((entry) => entry.name === name && entry.mode === FOLDER_MODE)?.id ?? null
