/**
 * The ids of the callbacks that came last, by source and in their order: who keeps up with them is told from memory what
 * it has not had.
 */
export interface NewestIds {
  /** A callback came, behind all others. */
  came(source: string, id: string): void
  /** @returns the first of a source's after this one; null where there may be some that are not known here */
  after(source: string, id: string, most: number): readonly string[] | null
}

export interface NewestIdsOptions {
  /** The last id that was given before, '' for none. */
  readonly before: string
  /** Of each source, so many are known at least, and twice as many at most. */
  readonly known: number
  /** Whether a callback is gone: then all before it are. */
  readonly isTrimmed: (id: string) => boolean
}

interface Known {
  /** All that came after this one are among the ids. */
  after: string
  readonly ids: string[]
}

export function newestIds({ before, known, isTrimmed }: NewestIdsOptions): NewestIds {
  const bySource = new Map<string, Known>()
  return {
    came(source, id) {
      const one = bySource.get(source) ?? { after: before, ids: [] }
      bySource.set(source, one)
      one.ids.push(id)
      if (one.ids.length > 2 * known) one.after = one.ids.splice(0, known).at(-1) ?? one.after
    },
    after(source, id, most) {
      const { after, ids } = bySource.get(source) ?? { after: before, ids: [] }
      if (id < after) return null
      const at = firstThat((each) => each > id && !isTrimmed(each), ids)
      return ids.slice(at, at + most)
    },
  }
}

/** Where the first is that holds, among ids in their order of which all hold behind one that does. */
function firstThat(holds: (id: string) => boolean, ids: readonly string[]): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(ids[middle] ?? '')) high = middle
    else low = middle + 1
  }
  return low
}
