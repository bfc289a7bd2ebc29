/**
 * Runs several works at once under one signal: the first that fails aborts the others, and nothing is left running when
 * this settles. @throws what failed first
 */
export async function together<T extends readonly unknown[]>(
  signal: AbortSignal,
  works: { [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> },
): Promise<T> {
  const stop = new AbortController()
  const linked = AbortSignal.any([signal, stop.signal])
  let first: { error: unknown } | null = null
  const results = await Promise.all(
    works.map((work) =>
      work(linked).catch((error: unknown) => {
        first ??= { error }
        stop.abort(error)
      }),
    ),
  )
  if (first !== null) throw (first as { error: unknown }).error
  return results as unknown as T
}
