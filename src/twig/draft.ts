/** Objects that are being made on top of those known: read like the others, and kept apart until a push has taken them. */
import { deltaOf } from './delta.ts'
import { type GitObject, type ObjectReader, type ObjectType, objectIdOf } from './git-object.ts'
import type { Packed } from './pack.ts'
import { parseTree, printTree, type TreeEntry, withEntry } from './tree.ts'

export interface Draft extends ObjectReader {
  /** Puts an object there. @returns its id */
  put(type: ObjectType, content: Buffer): string
  /** The tree of these entries; null (and no object) where there are none. */
  putTree(entries: readonly TreeEntry[]): string | null
  /**
   * A tree with one entry put there, replaced or (null) taken away.
   * @param tree null where there is none yet
   * @returns the new tree's id, null where nothing is left in it
   */
  splice(tree: string | null, name: string, entry: TreeEntry | null): Promise<string | null>
  /** @param id null for a folder that is not there */
  entriesOf(id: string | null): Promise<readonly TreeEntry[]>
  /** What was made, without what `isThere` says that the server has. */
  packed(isThere: (id: string) => boolean): readonly Packed[]
  objects(): ReadonlyMap<string, GitObject>
}

/** A tree below this size is sent whole: a delta would save nothing. */
const DELTA_MIN_BYTES = 200
/** As git does by itself (git documentation, git-config: pack.depth), so that reading the last of many stays cheap. */
const CHAIN_MAX = 50

interface Base {
  readonly id: string
  /** How many deltas lead to something whole. */
  readonly depth: number
}

const EMPTY = Buffer.alloc(0)

export function openDraft(known: ObjectReader): Draft {
  const made = new Map<string, GitObject>()
  const bases = new Map<string, Base>()
  const read = async (id: string, type: ObjectType) => {
    const own = made.get(id)
    return own?.type === type ? own.content : await known.read(id, type)
  }
  const put = (type: ObjectType, content: Buffer) => {
    const id = objectIdOf({ type, content })
    if (!made.has(id)) made.set(id, { type, content })
    return id
  }
  const packedOf = (id: string, object: GitObject): Packed => {
    const base = bases.get(id)
    const from = base === undefined ? undefined : (made.get(base.id)?.content ?? outside.get(base.id))
    if (base === undefined || from === undefined) return { object, delta: null }
    return { object, delta: { base: base.id, bytes: deltaOf(from, object.content) } }
  }
  /** Contents of trees that the server has and that deltas are made to. */
  const outside = new Map<string, Buffer>()

  return {
    read,
    put,
    putTree: (entries) => (entries.length === 0 ? null : put('tree', printTree(entries))),
    async splice(tree, name, entry) {
      const before = tree === null ? EMPTY : await read(tree, 'tree')
      const after = withEntry(before, name, entry)
      if (after.length === 0) return null
      const isNew = !made.has(objectIdOf({ type: 'tree', content: after }))
      const id = put('tree', after)
      const depth = (tree === null ? CHAIN_MAX : (bases.get(tree)?.depth ?? 0)) + 1
      if (tree !== null && isNew && id !== tree && before.length >= DELTA_MIN_BYTES && depth <= CHAIN_MAX) {
        bases.set(id, { id: tree, depth })
        if (!made.has(tree)) outside.set(tree, before)
      }
      return id
    },
    entriesOf: async (id) => (id === null ? [] : parseTree(await read(id, 'tree'))),
    packed: (isThere) => [...made].filter(([id]) => !isThere(id)).map(([id, object]) => packedOf(id, object)),
    objects: () => made,
  }
}
