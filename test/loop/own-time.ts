const TICK_MS = 10

/**
 * A clock that stands still while this process gets no turn: what others do on the machine, and what the doubles in this
 * process do, makes nothing slower by it.
 * @returns how many milliseconds have passed by it; asked once, which ends it
 */
export function startOwnTime(): () => number {
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, TICK_MS)
  return () => {
    clearInterval(timer)
    return ticks * TICK_MS
  }
}
