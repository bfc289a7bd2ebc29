import type { Clock } from '../../src/ports.ts'

/** Time that moves only when it is told to. */
export interface VirtualClock extends Clock {
  /** Runs every timer that is due within `ms`, each at its own time, everything that follows from one before the next. */
  advance(ms: number): Promise<void>
}

export function virtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let nowMs = startMs
  let serial = 0
  const timers = new Map<number, { atMs: number; then: () => void }>()
  const nextDue = (untilMs: number) =>
    [...timers].filter(([, { atMs }]) => atMs <= untilMs).sort(([a, x], [b, y]) => x.atMs - y.atMs || a - b)[0]

  return {
    now: () => nowMs,
    after(ms, then) {
      const id = serial++
      timers.set(id, { atMs: nowMs + ms, then })
      return () => timers.delete(id)
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      await settled()
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        const [id, { atMs, then }] = due
        timers.delete(id)
        nowMs = Math.max(nowMs, atMs)
        then()
        await settled()
      }
      nowMs = untilMs
    },
  }
}

/** Fakes answer in microtasks: after a few turns of the event loop, nothing is left that could go on by itself. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
