/** How often pushes may be sent: a burst at once, then so many a minute (a token bucket). */
import { setTimeout as delay } from 'node:timers/promises'

export interface PushRate {
  readonly perMinute: number
  /** How many may be sent one after the other before that counts. */
  readonly burst: number
}

/** GitHub advises six pushes a minute to a repo at the most ("Repository limits", on pushes). */
export const PUSH_RATE: PushRate = { perMinute: 6, burst: 20 }

/** GitHub lets some 500 requests an hour make something ("Rate limits for the REST API"): 20 at once, and 480. */
export const WRITE_RATE: PushRate = { perMinute: 8, burst: 20 }

const MINUTE_MS = 60_000

/**
 * @param now milliseconds, never going back
 * @returns a function that resolves when a push may be sent, and counts it: at once after a quiet time
 */
export function pushTurns({ perMinute, burst }: PushRate, now = () => performance.now()) {
  const refillMs = MINUTE_MS / perMinute
  let left = burst
  let countedAtMs = now()
  return async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const refilled = (now() - countedAtMs) / refillMs
      left = Math.min(burst, left + refilled)
      countedAtMs = now()
      if (left >= 1) break
      await delay(Math.ceil((1 - left) * refillMs), undefined, { signal })
    }
    left -= 1
  }
}
