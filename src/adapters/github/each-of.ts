/**
 * `work` on every item, at most `limit` at a time, the results in the items' order. After the first failure no more is
 * begun, and what is under way is waited for.
 * @throws the first failure
 */
export async function eachOf<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>()
  const failures: unknown[] = []
  const waiting = items.entries()
  const lane = async () => {
    for (const [at, item] of waiting) {
      if (failures.length > 0) return
      try {
        results.set(at, await work(item))
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  if (failures.length > 0) throw failures[0]
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
