/** Objects that are being made on top of those known: read like the others, and kept apart until a push has taken them. */
import { type GitObject, type ObjectReader, type Objects, type ObjectType, objectIdOf } from './git-object.ts'
import { parseTree, printTree, type TreeEntry } from './tree.ts'

export interface Draft extends ObjectReader {
  /** Puts an object there. @returns its id */
  put(type: ObjectType, content: Buffer): string
  /** The tree of these entries; null (and no object) where there are none. */
  putTree(entries: readonly TreeEntry[]): string | null
  /** @param id null for a folder that is not there */
  entriesOf(id: string | null): Promise<readonly TreeEntry[]>
  objects(): Objects
}

export function openDraft(known: ObjectReader): Draft {
  const made = new Map<string, GitObject>()
  const read = async (id: string, type: ObjectType) => {
    const own = made.get(id)
    return own?.type === type ? own.content : await known.read(id, type)
  }
  const put = (type: ObjectType, content: Buffer) => {
    const id = objectIdOf({ type, content })
    made.set(id, { type, content })
    return id
  }
  return {
    read,
    put,
    putTree: (entries) => (entries.length === 0 ? null : put('tree', printTree(entries))),
    entriesOf: async (id) => (id === null ? [] : parseTree(await read(id, 'tree'))),
    objects: () => made,
  }
}
