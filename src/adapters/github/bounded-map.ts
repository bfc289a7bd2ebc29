/** A map that forgets what was used longest ago, so that the weights of what it holds stay within a bound. */
export interface BoundedMap<V> {
  get(key: string): V | undefined
  /** What weighs more than the bound by itself is not kept. */
  set(key: string, value: V): void
  delete(key: string): void
}

/** @param weightOf in the unit of `maxWeight`: bytes, or 1 for each */
export function boundedMap<V>(maxWeight: number, weightOf: (value: V) => number): BoundedMap<V> {
  // A Map keeps the order of insertion (ECMAScript, Map objects): the first is the one used longest ago.
  const entries = new Map<string, V>()
  let weight = 0
  const remove = (key: string) => {
    const value = entries.get(key)
    if (value === undefined) return
    entries.delete(key)
    weight -= weightOf(value)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      remove(key)
      entries.set(key, value)
      weight += weightOf(value)
      for (const oldest of entries.keys()) {
        if (weight <= maxWeight) return
        remove(oldest)
      }
    },
    delete: remove,
  }
}
