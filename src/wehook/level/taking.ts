/** What a listener is to get now: what is to be tried again, and what it has not had. */
import type { Callback } from '../callback.ts'
import type { CountedWrites } from '../counted-writes.ts'
import type { CallbackStore, Taken } from '../store.ts'
import { type Follower, giveFirst, isReplaced } from './follower.ts'
import type { Followers } from './followers.ts'
import { attemptsOf, callbacksAfter, dueMsOf, type LevelDb, lastPartOf, removal, triesDue } from './layout.ts'

export interface TakingOptions {
  readonly db: LevelDb
  readonly write: CountedWrites['write']
  readonly followers: Followers
  /** A callback, null where there is none any more. */
  readonly read: (source: string, id: string) => Promise<Callback | null>
  /** The first of a source's callbacks after one, by their ids; null where it is to be looked for what there is. */
  readonly idsAfter: (source: string, id: string, most: number) => readonly string[] | null
}

export function levelTaking({ db, write, followers, read, idsAfter }: TakingOptions): Pick<CallbackStore, 'take'> {
  /** What is to be tried again by now, and is not being tried. */
  const dueAgain = async (listener: string, follower: Follower, room: Room, nowMs: number): Promise<Taken[]> => {
    const found: Taken[] = []
    if (followers.isNothingAgain(listener)) return found
    const limit = room.count + follower.again.size
    for await (const [key, value] of db.iterator({ ...triesDue(listener, nowMs), limit })) {
      if (isFull(room, found)) break
      if (follower.again.has(key)) continue
      const id = lastPartOf(key)
      const callback = await read(follower.source, id)
      if (callback === null || isReplaced(follower, id, key)) {
        await write([removal(key)], 'with the system') // null: it was trimmed
        continue
      }
      follower.again.add(key)
      found.push({ listener, callback, ...attemptsOf(value), dueMs: dueMsOf(key) })
    }
    return found
  }

  const notHad = async (listener: string, follower: Follower, room: Room): Promise<Taken[]> => {
    const { source } = follower
    const found: Taken[] = []
    for (;;) {
      const ids = await nextIds(source, follower.given, room.count)
      for (const id of ids) {
        if (isFull(room, found)) return found
        if (!giveFirst(follower, id)) continue
        const callback = await read(source, id)
        if (callback === null) follower.under.delete(id)
        else found.push({ listener, callback, attempts: 0, sinceMs: callback.receivedAtMs, dueMs: null })
      }
      if (ids.length < room.count) return found
    }
  }

  const nextIds = async (source: string, id: string, most: number): Promise<readonly string[]> =>
    idsAfter(source, id, most) ?? (await db.keys({ ...callbacksAfter(source, id), limit: most }).all()).map(lastPartOf)

  return {
    async take(listener, most, maxBytes, nowMs, first) {
      const follower = followers.of.get(listener)
      if (follower === undefined) return []
      const again = (room: Room) => dueAgain(listener, follower, room, nowMs)
      const unseen = (room: Room) => notHad(listener, follower, room)
      const [one, other] = first === 'again' ? [again, unseen] : [unseen, again]
      const room = { count: most, bytes: maxBytes }
      const found = await one(room)
      if (isFull(room, found)) return found
      const left = { count: most - found.length, bytes: maxBytes - bodyBytesOf(found) }
      return [...found, ...(await other(left))]
    },
  }
}

/** How much may be taken at a time. */
interface Room {
  readonly count: number
  /** Of bodies: none is added once they are as many. */
  readonly bytes: number
}

const bodyBytesOf = (all: readonly Taken[]): number => all.reduce((sum, { callback }) => sum + callback.body.length, 0)
const isFull = ({ count, bytes }: Room, found: readonly Taken[]): boolean =>
  found.length >= count || bodyBytesOf(found) >= bytes
