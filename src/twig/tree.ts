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
export function parseTree(content: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  scan(content, (at, space, nul, end) => {
    entries.push(entryAt(content, at, space, nul, end))
  })
  return entries
}

/** The object's content, with its entries in git's order. */
export const printTree = (entries: readonly TreeEntry[]): Buffer =>
  Buffer.concat([...entries].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)).map(printEntry))

const printEntry = ({ mode, name, id }: TreeEntry): Buffer =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')])

/** git sorts a folder as if its name ended in a slash. */
const sortKey = ({ mode, name }: Pick<TreeEntry, 'mode' | 'name'>): string => (mode === FOLDER_MODE ? `${name}/` : name)

/** The entry of that name, null where there is none. */
export function entryIn(content: Buffer, name: string): TreeEntry | null {
  const wanted = Buffer.from(name, 'latin1')
  // Its bytes may be part of an id, but where they are nowhere there is no such entry.
  if (!content.includes(Buffer.concat([wanted, NUL]))) return null
  let found: TreeEntry | null = null
  scan(content, (at, space, nul, end) => {
    if (found === null && isNamed(content, space, nul, wanted)) found = entryAt(content, at, space, nul, end)
  })
  return found
}

/** The tree with one entry put there, replaced, or (null) taken away; all its other bytes as they are. */
export function withEntry(content: Buffer, name: string, entry: TreeEntry | null): Buffer {
  const wanted = Buffer.from(name, 'latin1')
  const key = entry === null ? null : Buffer.from(sortKey(entry), 'latin1')
  let oldAt = 0
  let oldEnd = 0
  let before: number | null = null
  scan(content, (at, space, nul, end) => {
    if (isNamed(content, space, nul, wanted)) {
      oldAt = at
      oldEnd = end
    } else if (key !== null && before === null && sortsAfter(content, at, space, nul, key)) before = at
  })
  const without = joined(content, oldAt, [], oldEnd)
  if (entry === null) return without
  const place = before ?? content.length
  const at = place > oldAt ? place - (oldEnd - oldAt) : place
  return joined(without, at, [printEntry(entry)], at)
}

const joined = (content: Buffer, from: number, between: readonly Buffer[], to: number): Buffer =>
  Buffer.concat([content.subarray(0, from), ...between, content.subarray(to)])

const NUL = Buffer.of(0)
const SPACE = 0x20
const SLASH = 0x2f
/** Smaller than any byte: a name that goes on sorts after one that ends. */
const NOTHING = -1

/**
 * Says where each entry begins, where its mode and where its name end, and where it ends. Trees of ten thousand entries
 * are looked through again and again: numbers alone cost no memory.
 * @throws where it is no tree object of a SHA-1 repo
 */
function scan(content: Buffer, visit: (at: number, space: number, nul: number, end: number) => void): void {
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(SPACE, at)
    const nul = content.indexOf(0, space)
    const end = nul + 1 + ID_BYTES
    if (space < 0 || nul < 0 || end > content.length) throw new Error('a tree object is damaged')
    visit(at, space, nul, end)
    at = end
  }
}

function isNamed(content: Buffer, space: number, nul: number, name: Buffer): boolean {
  if (nul - space - 1 !== name.length) return false
  for (let nth = 0; nth < name.length; nth++) if (content[space + 1 + nth] !== name[nth]) return false
  return true
}

/** Whether the entry that is there comes after one of that sort key. */
function sortsAfter(content: Buffer, at: number, space: number, nul: number, key: Buffer): boolean {
  const length = nul - space - 1
  const last = isFolderAt(content, at, space) ? SLASH : NOTHING
  for (let nth = 0; ; nth++) {
    const here = nth < length ? (content[space + 1 + nth] ?? NOTHING) : nth === length ? last : NOTHING
    const there = key[nth] ?? NOTHING
    if (here !== there) return here > there
    if (here === NOTHING) return false
  }
}

/** Its mode is the only one of five digits. */
const isFolderAt = (content: Buffer, at: number, space: number): boolean =>
  space - at === FOLDER_MODE.length && content[at] === FOLDER_MODE.charCodeAt(0)

const entryAt = (content: Buffer, at: number, space: number, nul: number, end: number): TreeEntry => ({
  mode: content.toString('latin1', at, space),
  name: content.toString('latin1', space + 1, nul),
  id: content.toString('hex', nul + 1, end),
})
