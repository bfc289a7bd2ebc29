/** Who begins to follow a source, and who ends to. */
import { firstIdAt } from '../callback-ids.ts'
import type { CountedWrites } from '../counted-writes.ts'
import type { CallbackStore } from '../store.ts'
import { followerAt, goBack } from './follower.ts'
import type { Followers } from './followers.ts'
import { followerKey, type LevelDb, put, REMOVED_AT_ONCE, removal, triesOf } from './layout.ts'

export interface FollowingOptions {
  readonly db: LevelDb
  readonly write: CountedWrites['write']
  readonly followers: Followers
  /** The last id that was given to a callback, '' for none. */
  readonly lastId: () => string
}

export function levelFollowing({
  db,
  write,
  followers,
  lastId,
}: FollowingOptions): Pick<CallbackStore, 'follow' | 'forget' | 'listeners' | 'listed'> {
  /** Listener -> when a list had it last, as far as one had since the store was opened. */
  const listedAtMs = new Map<string, number>()
  return {
    async follow(listener, source, sinceMs) {
      const known = followers.of.get(listener)
      if (known?.source === source) return goBack(known, await db.keys(triesOf(listener)).all())
      // What comes gets an id behind the last one, even where the clock was set back and is before `sinceMs`.
      const [since, last] = [firstIdAt(sinceMs), lastId()]
      const had = since < last ? since : last
      followers.of.set(listener, followerAt(source, had, [], last))
      await write([put(followerKey(listener), { source, had })], 'on disk')
    },
    async forget(listener) {
      followers.of.delete(listener)
      listedAtMs.delete(listener)
      await write([], 'with the system') // what is being noted is there before it is looked for
      for (;;) {
        const keys = await db.keys({ ...triesOf(listener), limit: REMOVED_AT_ONCE }).all()
        if (keys.length === 0) break
        await write(keys.map(removal), 'with the system')
      }
      await write([removal(followerKey(listener))], 'with the system')
    },
    listeners: async () => new Map([...followers.of.keys()].map((name) => [name, listedAtMs.get(name) ?? 0])),
    async listed(listeners, atMs) {
      for (const name of listeners) listedAtMs.set(name, Math.max(atMs, listedAtMs.get(name) ?? 0))
    },
  }
}
