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

export const isFolder = ({ mode }: TreeEntry): boolean => mode === FOLDER_MODE
/** A file with content of its own: no link, no submodule. */
export const isFile = ({ mode }: TreeEntry): boolean => mode === FILE_MODE || mode === EXECUTABLE_MODE

/** A name as entries have it. */
export const entryName = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** The name of an entry as text. */
export const textOfName = (name: string): string => Buffer.from(name, 'latin1').toString('utf8')

const ID_BYTES = 20

/** @throws where it is no tree object of a SHA-1 repo */
export const parseTree = (content: Buffer): readonly TreeEntry[] =>
  [...placesIn(content)].map((place) => entryAt(content, place))

/** The object's content, with its entries in git's order. */
export const printTree = (entries: readonly TreeEntry[]): Buffer =>
  Buffer.concat([...entries].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)).map(printEntry))

const printEntry = ({ mode, name, id }: TreeEntry): Buffer =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')])

/** git sorts a folder as if its name ended in a slash. */
const sortKey = ({ mode, name }: Pick<TreeEntry, 'mode' | 'name'>): string => (mode === FOLDER_MODE ? `${name}/` : name)

/** The entry of that name, null where there is none. */
export function entryIn(content: Buffer, name: string): TreeEntry | null {
  // Its bytes may be part of an id, but where they are nowhere there is no such entry.
  if (!content.includes(Buffer.from(`${name}\0`, 'latin1'))) return null
  for (const { at, space, nul, end } of placesIn(content)) {
    if (nul - space - 1 === name.length && content.toString('latin1', space + 1, nul) === name)
      return entryAt(content, { at, space, nul, end })
  }
  return null
}

/** The tree with one entry put there, replaced, or (null) taken away; all its other bytes as they are. */
export function withEntry(content: Buffer, name: string, entry: TreeEntry | null): Buffer {
  const key = entry === null ? null : sortKey(entry)
  let old = { at: 0, end: 0 }
  let before: number | null = null
  for (const { at, space, nul, end } of placesIn(content)) {
    const here = content.toString('latin1', space + 1, nul)
    if (here === name) old = { at, end }
    else if (
      key !== null &&
      before === null &&
      sortKey({ mode: content.toString('latin1', at, space), name: here }) > key
    )
      before = at
  }
  const without = joined(content, old.at, [], old.end)
  if (entry === null) return without
  const place = before ?? content.length
  const at = place > old.at ? place - (old.end - old.at) : place
  return joined(without, at, [printEntry(entry)], at)
}

const joined = (content: Buffer, from: number, between: readonly Buffer[], to: number): Buffer =>
  Buffer.concat([content.subarray(0, from), ...between, content.subarray(to)])

interface Place {
  readonly at: number
  readonly space: number
  readonly nul: number
  readonly end: number
}

/** Where the entries are. @throws where it is no tree object of a SHA-1 repo */
function* placesIn(content: Buffer): Generator<Place> {
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const nul = content.indexOf(0, space)
    const end = nul + 1 + ID_BYTES
    if (space < 0 || nul < 0 || end > content.length) throw new Error('a tree object is damaged')
    yield { at, space, nul, end }
    at = end
  }
}

const entryAt = (content: Buffer, { at, space, nul, end }: Place): TreeEntry => ({
  mode: content.toString('latin1', at, space),
  name: content.toString('latin1', space + 1, nul),
  id: content.toString('hex', nul + 1, end),
})
