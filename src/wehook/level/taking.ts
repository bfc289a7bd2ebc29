/** What a listener is to get now: what is to be tried again, and what it has not had. */
import type { Callback } from '../callback.ts'
import type { CountedWrites } from '../counted-writes.ts'
import type { CallbackStore, Taken } from '../store.ts'
import { Damaged } from './damaged.ts'
import { type Follower, giveFirst, isReplaced, isTriedAlone } from './follower.ts'
import type { Followers } from './followers.ts'
import { attemptsOf, callbacksAfter, dueMsOf, type LevelDb, lastPartOf, removal, triesDue } from './layout.ts'

export interface TakingOptions {
  readonly db: LevelDb
  readonly write: CountedWrites['write']
  readonly followers: Followers
  /** A callback, null where there is none any more. @throws {Damaged} */
  readonly read: (source: string, id: string) => Promise<Callback | null>
  /** A callback that can't be read is not sent, and is due no more. @param dueMs null: it was to be sent for the first time */
  readonly giveUp: (listener: string, id: string, dueMs: number | null, nowMs: number) => Promise<void>
  /** The first of a source's callbacks after one, by their ids; null where it is to be looked for what there is. */
  readonly idsAfter: (source: string, id: string, most: number) => readonly string[] | null
}

export function levelTaking(options: TakingOptions): Pick<CallbackStore, 'take'> {
  const { db, write, followers, read, giveUp, idsAfter } = options
  /** One that is damaged must not be in the way of those behind it. */
  const readOrDamaged = (source: string, id: string): Promise<Callback | null | 'damaged'> =>
    read(source, id).catch((error: unknown) => {
      if (error instanceof Damaged) return 'damaged'
      throw error
    })

  /** What is to be tried again by now, and is not being tried: given out as it is asked for. */
  async function* dueAgain(listener: string, follower: Follower, most: number, nowMs: number): AsyncGenerator<Taken> {
    if (followers.isNothingAgain(listener)) return
    const limit = most + follower.again.size
    for await (const [key, value] of db.iterator({ ...triesDue(listener, nowMs), limit })) {
      if (follower.again.has(key)) continue
      const id = lastPartOf(key)
      const callback = await readOrDamaged(follower.source, id)
      if (callback === null || isReplaced(follower, id, key)) {
        await write([removal(key)], 'with the system') // null: it was trimmed
        continue
      }
      if (callback === 'damaged') {
        await giveUp(listener, id, dueMsOf(key), nowMs)
        continue
      }
      follower.again.add(key)
      const tried = attemptsOf(value) ?? { attempts: 0, sinceMs: callback.receivedAtMs }
      yield { listener, callback, ...tried, dueMs: dueMsOf(key) }
    }
  }

  /** What it has not had: given out as it is asked for. */
  async function* notHad(listener: string, follower: Follower, most: number, nowMs: number): AsyncGenerator<Taken> {
    const { source } = follower
    for (;;) {
      const ids = await nextIds(source, follower.given, most)
      for (const id of ids) {
        const callback = isTriedAlone(follower, id) ? null : await readOrDamaged(source, id)
        if (!giveFirst(follower, id)) continue
        if (callback === null) follower.under.delete(id)
        else if (callback === 'damaged') await giveUp(listener, id, null, nowMs)
        else yield { listener, callback, attempts: 0, sinceMs: callback.receivedAtMs, dueMs: null }
      }
      if (ids.length < most) return
    }
  }

  const nextIds = async (source: string, id: string, most: number): Promise<readonly string[]> =>
    idsAfter(source, id, most) ?? (await db.keys({ ...callbacksAfter(source, id), limit: most }).all()).map(lastPartOf)

  return {
    async take(listener, most, maxBytes, nowMs, first) {
      const follower = followers.of.get(listener)
      if (follower === undefined) return []
      const again = dueAgain(listener, follower, most, nowMs)
      const unseen = notHad(listener, follower, most, nowMs)
      const found: Taken[] = []
      let bytes = 0
      const faults: unknown[] = []
      for (const some of first === 'again' ? [again, unseen] : [unseen, again]) {
        try {
          for await (const taken of some) {
            found.push(taken)
            bytes += taken.callback.body.length
            if (found.length >= most || bytes >= maxBytes) return found
          }
        } catch (error) {
          faults.push(error) // what was found is given out already, and would be lost; the fault is there the next time
        }
      }
      if (found.length === 0 && faults.length > 0) throw faults[0]
      return found
    },
  }
}
