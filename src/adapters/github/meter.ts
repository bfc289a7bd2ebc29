import type { PullList } from '../../ports.ts'

/** Counts what a piece of work costs of the rate limit. */
export interface Meter {
  count(response: Response): void
  cost(): PullList['cost']
}

/** GitHub: "Rate limits for the REST API": the headers; an answer 304 is free. */
export function costMeter(): Meter {
  let requests = 0
  let notModified = 0
  let remaining: number | null = null
  return {
    count(response) {
      requests++
      if (response.status === 304) notModified++
      const left = Number.parseInt(response.headers.get('x-ratelimit-remaining') ?? '', 10)
      // Every installation has a limit of its own: the one that is nearest to its end is told.
      if (Number.isFinite(left)) remaining = Math.min(left, remaining ?? left)
    },
    cost: () => ({ requests, notModified, remaining }),
  }
}

/** For work that nobody asks the cost of. */
export const unmetered: Meter = { count() {}, cost: () => ({ requests: 0, notModified: 0, remaining: null }) }
