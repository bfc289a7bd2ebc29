/** How far one listener is with the callbacks of its source. */
import { lastPartOf } from './layout.ts'

export interface Follower {
  readonly source: string
  /** The last callback that was given out. */
  given: string
  /** All up to this were had, or are to be tried again. */
  had: string
  /** Callbacks that were given out for the first time and are not through, in their order: id -> whether it is done. */
  readonly under: Map<string, boolean>
  /** Keys of what is being tried again. */
  readonly again: Set<string>
  /** Callbacks behind `given` that are to be tried again: they were given out before one in front of them was through. */
  ahead: Set<string>
  /** Of a callback after this one, nothing is noted before it was given out for the first time and is through. */
  notedUpTo: string
  /** What was asked for again since the store was opened: id -> the key of the one try that is left, '' for none. */
  readonly asked: Map<string, string>
}

/**
 * @param had the last callback that it has had
 * @param waiting keys of what is to be tried again
 * @param notedUpTo the last callback of which something may be noted
 */
export const followerAt = (source: string, had: string, waiting: readonly string[], notedUpTo: string): Follower => ({
  ...{ source, given: had, had, notedUpTo },
  ...{ under: new Map(), again: new Set(), ahead: aheadOf(waiting, had), asked: new Map() },
})

const aheadOf = (waiting: readonly string[], had: string) => new Set(waiting.map(lastPartOf).filter((id) => id > had))

/** It goes on from where it was: what was given out and is not through is given out again. */
export function goBack(follower: Follower, waiting: readonly string[]): void {
  noteUpTo(follower, follower.given)
  follower.ahead = aheadOf(waiting, follower.had)
  follower.given = follower.had
  follower.under.clear()
  follower.again.clear()
}

/** It is to be tried again, at once and alone: nothing that is noted of it from here on adds another try. */
export function askAgain(follower: Follower, id: string, key: string): void {
  follower.asked.set(id, key)
  noteUpTo(follower, id)
}

function noteUpTo(follower: Follower, id: string): void {
  if (id > follower.notedUpTo) follower.notedUpTo = id
}

/** Whether a callback that it has not had is given out, or was, as a try of its own. */
export const isTriedAlone = ({ ahead, asked }: Follower, id: string): boolean => ahead.has(id) || asked.has(id)

/** A callback is given out for the first time. @returns false where it is given out, or was, as a try of its own */
export function giveFirst(follower: Follower, id: string): boolean {
  follower.given = id
  const isTried = isTriedAlone(follower, id)
  follower.ahead.delete(id)
  follower.under.set(id, isTried)
  return !isTried
}

/** What was given out for the first time is through. @returns false where it was not given out any more */
export function endFirst(follower: Follower, id: string): boolean {
  const { under } = follower
  if (!under.has(id)) return false
  under.set(id, true)
  for (const [first, isDone] of under) {
    if (!isDone) break
    under.delete(first)
    follower.had = first
  }
  return true
}

/**
 * A try is through: of what was asked for again, one is left at a time.
 * @param tried its key, null for the first @param next the key of the next, null for none
 * @returns whether that one is to be there: false where another try has its place
 */
export function claimNextTry({ asked }: Follower, id: string, tried: string | null, next: string | null): boolean {
  const only = asked.get(id)
  if (only === undefined) return next !== null
  if (only !== '' && only !== tried) return false
  asked.set(id, next ?? '')
  return next !== null
}

/** Whether a key is that of a try in whose place another is. */
export const isReplaced = ({ asked }: Follower, id: string, key: string): boolean => (asked.get(id) ?? key) !== key
