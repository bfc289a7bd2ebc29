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
  /** So many are known at least, of all sources together, and twice as many at most. */
  readonly known: number
  /** Whether a callback is gone: then all before it are. */
  readonly isTrimmed: (id: string) => boolean
}

export function newestIds({ before, known, isTrimmed }: NewestIdsOptions): NewestIds {
  const all: string[] = []
  const bySource = new Map<string, string[]>()
  /** All that came after this one are known. */
  let after = before
  const forgetOldest = () => {
    after = all.splice(0, known).at(-1) ?? after
    for (const [source, ids] of bySource) {
      const forgotten = firstThat((each) => each > after, ids)
      ids.splice(0, forgotten)
      if (ids.length === 0) bySource.delete(source)
    }
  }
  return {
    came(source, id) {
      const ids = bySource.get(source) ?? []
      bySource.set(source, ids)
      ids.push(id)
      all.push(id)
      if (all.length > 2 * known) forgetOldest()
    },
    after(source, id, most) {
      if (id < after) return null
      const ids = bySource.get(source) ?? []
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
