/** What came of a try, and when the next is. */
import type { CountedWrites } from '../counted-writes.ts'
import type { Write } from '../grouped-writes.ts'
import type { CallbackStore, Outcome, Taken } from '../store.ts'
import { askAgain, claimNextTry, endFirst } from './follower.ts'
import type { Followers } from './followers.ts'
import {
  type Attempts,
  dueMsOf,
  type Followed,
  followerKey,
  type LevelDb,
  lastPartOf,
  outcomeKey,
  put,
  putNew,
  removal,
  triesOf,
  tryKey,
} from './layout.ts'

export interface TriesOptions {
  readonly db: LevelDb
  readonly write: CountedWrites['write']
  readonly followers: Followers
  /** Whose callback it is, null where there is none. */
  readonly sourceOf: (id: string) => Promise<string | null>
  readonly isTrimmed: (id: string) => boolean
}

export interface Tries extends Pick<CallbackStore, 'nextDueMs' | 'settle' | 'postpone' | 'again'> {
  /** A callback that can't be read is not sent, and is due no more. @param dueMs null: it was to be sent for the first time */
  giveUp(listener: string, id: string, dueMs: number | null, nowMs: number): Promise<void>
}

/** What is tried, as far as it is noted. */
type Tried = Pick<Taken, 'listener' | 'dueMs' | 'sinceMs'> & { readonly callback: Pick<Taken['callback'], 'id'> }

export function levelTries({ db, write, followers, sourceOf, isTrimmed }: TriesOptions): Tries {
  /** The listener is through with it this time. What came of it is noted, unless it was trimmed. */
  const through = async (taken: Tried, outcome: Outcome, nextMs: number | null): Promise<void> => {
    const { listener, dueMs, sinceMs } = taken
    const { id } = taken.callback
    const follower = followers.of.get(listener)
    if (follower === undefined) return
    const writes: Write[] = []
    const tried = dueMs === null ? null : tryKey(listener, dueMs, id)
    const next = nextMs === null ? null : tryKey(listener, nextMs, id)
    const isNext = claimNextTry(follower, id, tried, next)
    if (tried !== null) writes.push(removal(tried))
    else if (endFirst(follower, id)) {
      const { source, had } = follower
      writes.push(put(followerKey(listener), { source, had } satisfies Followed))
    }
    // What is noted comes behind: it may be due again at the same millisecond.
    if (!isTrimmed(id)) {
      const { attempts } = outcome
      if (next !== null && isNext) writes.push(put(next, { attempts, sinceMs } satisfies Attempts))
      const isFirst = tried === null && id > follower.notedUpTo
      writes.push((isFirst ? putNew : put)(outcomeKey(id, listener), outcome))
    }
    await write(writes, 'with the system')
    if (tried !== null) follower.again.delete(tried)
  }

  return {
    async nextDueMs(listener) {
      const follower = followers.of.get(listener)
      if (follower === undefined || followers.isNothingAgain(listener)) return null
      const keys = await db.keys({ ...triesOf(listener), limit: follower.again.size + 1 }).all()
      const key = keys.find((each) => !follower.again.has(each))
      return key === undefined ? null : dueMsOf(key)
    },
    settle: (taken, outcome) => through(taken, outcome, null),
    postpone: through,
    giveUp(listener, id, dueMs, nowMs) {
      const answer = 'it is damaged on the disk: WeHook could not read it'
      const outcome = { state: 'gave up', attempts: 0, atMs: nowMs, tookMs: 0, answer } as const
      return through({ listener, callback: { id }, dueMs, sinceMs: nowMs }, outcome, null)
    },
    async again(listener, id, nowMs) {
      const source = await sourceOf(id)
      const instead: Write[] = []
      for await (const key of db.keys(triesOf(listener))) if (lastPartOf(key) === id) instead.push(removal(key))
      const follower = followers.of.get(listener)
      if (source === null || follower?.source !== source || isTrimmed(id)) return false
      for (const each of follower.asked.keys()) if (isTrimmed(each)) follower.asked.delete(each)
      const key = tryKey(listener, nowMs, id)
      askAgain(follower, id, key)
      await write([...instead, put(key, { attempts: 0, sinceMs: nowMs } satisfies Attempts)], 'on disk')
      return true
    },
  }
}
