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

/** Time, so that nothing has to wait in a test. */
export interface RateClock {
  /** Milliseconds, never going back. */
  now(): number
  /** Resolves after so many milliseconds. @throws the signal's reason */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

const MINUTE_MS = 60_000
const CLOCK: RateClock = {
  now: () => performance.now(),
  wait: async (ms, signal) => await delay(ms, undefined, { signal }),
}

/** @returns a function that resolves when a push may be sent, and counts it: at once after a quiet time */
export function pushTurns({ perMinute, burst }: PushRate, { now, wait } = CLOCK) {
  const refillMs = MINUTE_MS / perMinute
  let left = burst
  let countedAtMs = now()
  return async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const nowMs = now()
      left = Math.min(burst, left + (nowMs - countedAtMs) / refillMs)
      countedAtMs = nowMs
      // What is short of one by less than a millisecond is a matter of rounding.
      if (left >= 1 - 1 / refillMs) break
      await wait(Math.ceil((1 - left) * refillMs), signal)
    }
    left = Math.max(0, left - 1)
  }
}
