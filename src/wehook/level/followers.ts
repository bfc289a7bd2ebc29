/** Who follows, as it is in memory. */
import { type Follower, followerAt } from './follower.ts'
import { allFollowers, followedOf, type LevelDb, lastPartOf, triedByKey, triesOf } from './layout.ts'

export interface Followers {
  readonly of: Map<string, Follower>
  /** Told of each key that is there now and was not, or the other way round. */
  changed(key: string, isThere: boolean): void
  /** Whether all that a listener is to be tried with again is being tried: nothing is looked for where nothing is. */
  isNothingAgain(listener: string): boolean
}

/** Those that are in the store. @param lastId the last id that was given to a callback */
export async function readFollowers(db: LevelDb, lastId: string): Promise<Followers> {
  const of = new Map<string, Follower>()
  /** Listener -> how many tries of it there are. */
  const tries = new Map<string, number>()
  for await (const [key, value] of db.iterator(allFollowers)) {
    const { source, had } = followedOf(value)
    const listener = lastPartOf(key)
    const waiting = await db.keys(triesOf(listener)).all()
    if (waiting.length > 0) tries.set(listener, waiting.length)
    of.set(listener, followerAt(source, had, waiting, lastId))
  }
  return {
    of,
    changed(key, isThere) {
      const listener = triedByKey(key)
      if (listener === null) return
      if (!isThere) of.get(listener)?.again.delete(key)
      const count = (tries.get(listener) ?? 0) + (isThere ? 1 : -1)
      if (count === 0) tries.delete(listener)
      else tries.set(listener, count)
    },
    isNothingAgain: (listener) => (tries.get(listener) ?? 0) <= (of.get(listener)?.again.size ?? 0),
  }
}
