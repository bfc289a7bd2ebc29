const FIRST_MS = 500
export const BACKOFF_MAX_MS = 60_000

/**
 * Milliseconds to wait, a whole number, after so many attempts: twice as long each time, up to a minute, and anywhere
 * between half of that and all of it, so that what failed together does not come back together.
 */
export const backoffMs = (attempts: number): number => {
  const most = Math.min(BACKOFF_MAX_MS, FIRST_MS * 2 ** (attempts - 1))
  return Math.ceil(most / 2 + (Math.random() * most) / 2)
}
