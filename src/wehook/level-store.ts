/** Callbacks in LevelDB, in a folder of this process. */
import { ClassicLevel } from 'classic-level'
import { openCountedWrites } from './counted-writes.ts'
import { readFollowers } from './level/followers.ts'
import { levelFollowing } from './level/following.ts'
import { levelKeeping } from './level/keeping.ts'
import { allFollowers, allNotices, followedOf, isCounted, type LevelDb, lastPartOf } from './level/layout.ts'
import { openUnlocked } from './level/open-unlocked.ts'
import { levelReading } from './level/reading.ts'
import { levelTaking } from './level/taking.ts'
import { levelTries } from './level/tries.ts'
import { levelTrimming } from './level/trimming.ts'
import { recentCallbacks } from './recent-callbacks.ts'
import type { CallbackStore } from './store.ts'

export interface LevelStoreOptions {
  readonly folder: string
  /** Bytes of all that is kept, at most; what comes of a callback is noted beyond that. */
  readonly maxBytes: number
  /** Told once that a write failed: the store takes nothing any more, and is to be opened anew. */
  readonly broke: (error: unknown) => void
  /** What came longer ago makes room for what comes. */
  readonly holdMs: number
  /** How long another process may have it still. */
  readonly lockedMs: number
}

/**
 * Opens the store, as it was left. Another process that has it is given `lockedMs` to end: a pod that takes another's
 * place starts while that ends.
 * @throws {Terminal} (operator) another process has it open, or it is damaged
 */
export async function openLevelStore({
  folder,
  maxBytes,
  holdMs,
  broke,
  lockedMs,
}: LevelStoreOptions): Promise<CallbackStore> {
  const db = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' })
  await openUnlocked(db, lockedMs)
  const idAtOpen = await lastIdIn(db)
  const followers = await readFollowers(db, idAtOpen)
  const { changed } = followers
  const { write, bytes } = await openCountedWrites({ db, counts: isCounted, changed, broke })
  const recent = recentCallbacks()
  const { trim, isTrimmed } = levelTrimming({ db, write })
  const { read, sourceOf, ...looking } = levelReading({ db, recent, isTrimmed })
  const keepingOptions = { db, write, bytes, recent, maxBytes, holdMs, trim, isTrimmed, idAtOpen }
  const { idsAfter, lastId, ...keeping } = levelKeeping(keepingOptions)
  const { giveUp, ...tries } = levelTries({ db, write, followers, sourceOf, isTrimmed })
  return {
    ...keeping,
    ...levelFollowing({ db, write, followers, lastId }),
    ...levelTaking({ db, write, followers, read, giveUp, idsAfter }),
    ...tries,
    ...looking,
    trim,
    bytes,
    close: () => db.close(),
  }
}

/**
 * The last id that is known to have been given: to a callback that is there, or to one up to which a listener has had all.
 * '' for none; of a listener that has had none, the beginning of one.
 */
async function lastIdIn(db: LevelDb): Promise<string> {
  const [newest] = await db.keys({ ...allNotices, reverse: true, limit: 1 }).all()
  let last = newest === undefined ? '' : lastPartOf(newest)
  for await (const value of db.values(allFollowers)) {
    const { had } = followedOf(value)
    if (had > last) last = had
  }
  return last
}
