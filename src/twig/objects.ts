/** The objects at hand: in memory, up to a size. What was looked at longest ago goes first, and can be fetched again. */
import type { GitObject } from './git-object.ts'

export interface ObjectsAtHand {
  get(id: string): GitObject | null
  has(id: string): boolean
  put(id: string, object: GitObject): void
  /** Bytes of content that are kept now. */
  size(): number
}

/** What an entry costs beside its content. */
const ENTRY_BYTES = 200

/** @param maxBytes asked each time; Infinity where the server would not give what was dropped */
export function objectsAtHand(maxBytes: () => number): ObjectsAtHand {
  const objects = new Map<string, GitObject>()
  let bytes = 0
  const costOf = ({ content }: GitObject) => content.length + ENTRY_BYTES

  const drop = (id: string) => {
    const old = objects.get(id)
    if (old !== undefined) bytes -= costOf(old)
    objects.delete(id)
  }

  return {
    get(id) {
      const object = objects.get(id)
      if (object === undefined) return null
      // A map keeps the order in which keys were put: what is looked at becomes the youngest.
      objects.delete(id)
      objects.set(id, object)
      return object
    },
    has: (id) => objects.has(id),
    put(id, object) {
      drop(id)
      objects.set(id, object)
      bytes += costOf(object)
      for (const oldest of objects.keys()) {
        if (bytes <= maxBytes() || oldest === id) break
        drop(oldest)
      }
    },
    size: () => bytes,
  }
}
