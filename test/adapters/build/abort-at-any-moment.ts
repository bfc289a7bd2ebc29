import { expect } from 'vitest'

interface Aborted {
  readonly times: number
  /** How many builds there are at once. */
  readonly atATime: number
  /** What a build takes that nobody aborts: each is aborted within that. */
  readonly buildMs: number
}

/**
 * Begins builds and aborts each at a moment of chance, until so many have ended by that: each by its own reason.
 * @param build one of its own each time, so that none is spared because another has made the image
 */
export async function abortAtAnyMoment(
  build: (signal: AbortSignal) => Promise<void>,
  { times, atATime, buildMs }: Aborted,
): Promise<void> {
  let aborted = 0
  const abortSome = async () => {
    while (aborted < times) {
      const [stop, reason] = [new AbortController(), new Error('superseded')]
      const timer = setTimeout(() => stop.abort(reason), Math.random() * buildMs)
      const outcome = await build(stop.signal).catch((error: unknown) => error)
      clearTimeout(timer)
      if (outcome === undefined) continue
      expect(outcome).toBe(reason)
      aborted += 1
    }
  }
  await Promise.all(Array.from({ length: atATime }, abortSome))
}
