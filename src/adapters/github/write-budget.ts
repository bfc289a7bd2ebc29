import { NotReady } from '../../domain/errors.ts'

export interface WriteBudget {
  /** Spends one write. @throws {NotReady} nothing is left of this minute, with the time until it is this write's turn */
  spend(installationId: number): void
}

interface Minute {
  readonly endsAtMs: number
  left: number
  /** Writes that were sent away and told when to come back. */
  booked: number
}

const MINUTE_MS = 60_000

/**
 * How many writes an installation makes in a minute: in a burst, and then no more until the minute is over (GitHub:
 * "Rate limits for the REST API", secondary limits). Who comes too late is told when to come back rather than held; the
 * more wait, the later, so that they don't all come at once.
 */
export function writeBudget(perMinute: number, now: () => number): WriteBudget {
  const minutes = new Map<number, Minute>()
  return {
    spend(installationId) {
      const known = minutes.get(installationId)
      const minute = known !== undefined && now() < known.endsAtMs ? known : nextMinute(known)
      minutes.set(installationId, minute)
      if (minute.left > 0) {
        minute.left--
        return
      }
      const afterMs = minute.endsAtMs - now() + Math.floor(minute.booked / perMinute) * MINUTE_MS
      minute.booked++
      throw new NotReady(`${perMinute} writes to GitHub were made in this minute`, afterMs)
    },
  }

  function nextMinute(former: Minute | undefined): Minute {
    const stillBooked = Math.max(0, (former?.booked ?? 0) - perMinute)
    return { endsAtMs: now() + MINUTE_MS, left: perMinute, booked: stillBooked }
  }
}
