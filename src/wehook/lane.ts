/** The deliveries to one listener: some at a time, each again until it is taken or too old. No lane waits for another. */
import { setImmediate as immediately } from 'node:timers/promises'
import { durationText } from '../web/durations.ts'
import type { Attempt } from './attempt.ts'
import { BACKOFF_MAX_MS, backoffMs } from './backoff.ts'
import { type BodiesOut, PROMPT_MS, type Room } from './bodies-out.ts'
import type { Listener } from './listener.ts'
import type { CallbackStore, Outcome, Taken } from './store.ts'

export interface LaneOptions {
  readonly store: CallbackStore
  readonly attempt: Attempt
  /** The room for bodies, which all lanes share. */
  readonly bodies: BodiesOut
  readonly now: () => number
  /** How long a callback is tried, from when it came. */
  readonly ttlMs: number
  /** Told of what came of each attempt, or of none in time. */
  readonly tried: (listener: Listener, outcome: Outcome) => void
  readonly failed: (what: string, error: unknown) => void
}

export interface Lane {
  /** There may be something to do. */
  wake(): void
  /** Takes nothing new. Resolves when what is under way has ended, cut off after so long. */
  close(graceMs: number): Promise<void>
}

/** Deliveries to one listener at a time. */
const AT_ONCE = 8
/** Bytes of bodies that a lane has out: none is added once they are as many, so that large ones go one by one. */
const LANE_MAX_BYTES = 512 * 1024

/** What a lane takes at a time is no more. @param bodyMaxBytes of the largest body that there is */
export const takeMaxBytes = (bodyMaxBytes: number): number => LANE_MAX_BYTES + bodyMaxBytes

export function openLane(listener: Listener, options: LaneOptions): Lane {
  const { store, attempt, bodies, now, ttlMs, tried, failed } = options
  const closing = new AbortController()
  let isEnding = false
  /** Each with what ends it. */
  const underWay = new Map<Promise<void>, AbortController>()
  /** What ended nothing may end another. */
  const spare: AbortController[] = []
  let bytesOut = 0
  /** What the last attempt took. */
  let lastTookMs = 0
  /** Attempts in a row to which nobody was there: one at a time is made then, to see whether somebody is. */
  let unreached = 0
  let pausedUntilMs = 0
  let first: 'again' | 'new' = 'again'
  let taking: Promise<void> | null = null
  let isWoken = false
  let timer: NodeJS.Timeout | undefined

  /** A pause that is longer than any is one from before the clock was set back. */
  const isPausedAt = (ms: number) => ms < pausedUntilMs && pausedUntilMs - ms <= BACKOFF_MAX_MS
  const wakeAt = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(wake, Math.min(Math.max(0, ms - now()), BACKOFF_MAX_MS))
  }

  const end = (ending: AbortController) => ending.abort(new Error('the lane is closed'))

  const takeOne = async (taken: Taken, signal: AbortSignal): Promise<void> => {
    const { callback } = taken
    const attempts = taken.attempts + 1
    const startMs = now()
    if (startMs - taken.sinceMs > ttlMs) {
      const words = `was not taken within ${durationText(ttlMs)}`
      const outcome: Outcome = { state: 'gave up', attempts: taken.attempts, atMs: startMs, tookMs: 0, answer: words }
      await store.settle(taken, outcome)
      return tried(listener, outcome)
    }
    const { kind, words } = await attempt(listener, callback, attempts, signal)
    if (isEnding && kind !== 'taken') return // the store gives it out again
    lastTookMs = now() - startMs
    const about = { attempts, atMs: now(), tookMs: lastTookMs, answer: words }
    if (kind !== 'unreached') unreached = 0
    else if (unreached === 0 || !isPausedAt(startMs)) {
      // What was under way when it went away says it once more, and is not one more time.
      unreached += 1
      pausedUntilMs = now() + backoffMs(unreached)
    }
    if (kind === 'taken') {
      const outcome: Outcome = { state: 'delivered', ...about }
      await store.settle(taken, outcome)
      return tried(listener, outcome)
    }
    const outcome: Outcome = { state: 'waiting', ...about }
    await store.postpone(taken, outcome, unreached > 0 ? pausedUntilMs : now() + backoffMs(attempts))
    tried(listener, outcome)
  }

  const start = (taken: Taken, room: Room) => {
    const { callback } = taken
    const { length } = callback.body
    const ending = spare.pop() ?? new AbortController()
    const release = room.hold(callback, () => ending.abort(new Error('did not answer at once, and others had to wait')))
    bytesOut += length
    if (isEnding) end(ending) // it was being given out when the others were ended
    const work: Promise<void> = takeOne(taken, ending.signal)
      .catch((error: unknown) => failed(`a delivery to ${listener.name}`, error))
      .finally(() => {
        underWay.delete(work)
        if (!ending.signal.aborted) spare.push(ending)
        bytesOut -= length
        release()
        wake()
      })
    underWay.set(work, ending)
  }

  const most = () => (bytesOut >= LANE_MAX_BYTES ? 0 : (unreached > 0 ? 1 : AT_ONCE) - underWay.size)

  const takeMore = async () => {
    while (isWoken && !closing.signal.aborted) {
      isWoken = false
      if (isPausedAt(now())) {
        wakeAt(pausedUntilMs)
        continue
      }
      if (most() <= 0) continue // whatever ends wakes it
      const pace = unreached > 0 ? 'unreached' : lastTookMs > PROMPT_MS ? 'slow' : 'prompt'
      const room = await bodies.room(pace, closing.signal)
      if (room === null) return
      try {
        // The wait for room may have been long.
        if (most() <= 0 || isPausedAt(now())) continue
        const all = await store.take(listener.name, most(), LANE_MAX_BYTES - bytesOut, now(), first)
        for (const taken of all) start(taken, room)
      } finally {
        room.close()
      }
      // Where one callback alone is what a preview does not answer, it must not be all that it is asked with.
      first = unreached > 0 && first === 'again' ? 'new' : 'again'
      const dueMs = await store.nextDueMs(listener.name)
      if (dueMs !== null) wakeAt(dueMs)
    }
  }

  function wake() {
    isWoken = true
    if (taking !== null || closing.signal.aborted) return
    // What ends in the same turn makes room together.
    taking = immediately()
      .then(takeMore)
      .catch((error: unknown) => {
        failed(`what ${listener.name} is to get`, error)
        wakeAt(now() + STORE_RETRY_MS)
      })
      .finally(() => {
        taking = null
        if (isWoken) wake()
      })
  }

  return {
    wake,
    async close(graceMs) {
      closing.abort()
      clearTimeout(timer)
      const late = setTimeout(() => {
        isEnding = true
        for (const ending of underWay.values()) end(ending)
      }, graceMs)
      await taking
      await Promise.all(underWay.keys())
      clearTimeout(late)
      clearTimeout(timer)
    },
  }
}

const STORE_RETRY_MS = 1000
