/** What is too old goes, with all that is known of it. */
import { firstIdAt } from '../callback-ids.ts'
import type { CountedWrites } from '../counted-writes.ts'
import type { CallbackStore } from '../store.ts'
import {
  callbackKey,
  type LevelDb,
  lastPartOf,
  markKey,
  noticeOf,
  noticesBefore,
  outcomesOf,
  REMOVED_AT_ONCE,
  removal,
} from './layout.ts'

export interface Trimming extends Pick<CallbackStore, 'trim'> {
  /** Whether a callback of this id was trimmed since the store was opened, or is being trimmed. */
  isTrimmed(id: string): boolean
}

export function levelTrimming({
  db,
  write,
}: {
  readonly db: LevelDb
  readonly write: CountedWrites['write']
}): Trimming {
  /** The last callback that was trimmed since the store was opened. */
  let trimmed = ''
  const trimNow = async (beforeMs: number): Promise<void> => {
    for (;;) {
      const old = await db.iterator({ ...noticesBefore(firstIdAt(beforeMs)), limit: REMOVED_AT_ONCE }).all()
      const last = old.at(-1)
      if (last === undefined) return
      // From now on nothing is noted of these; what is being noted is there before it is looked for.
      trimmed = lastPartOf(last[0])
      await write([], 'with the system')
      for (const [key, value] of old) {
        const id = lastPartOf(key)
        const { source, mark } = noticeOf(value)
        const keys = [callbackKey(source, id), key, ...(mark === null ? [] : [markKey(source, mark)])]
        for await (const outcome of db.keys(outcomesOf(id))) keys.push(outcome)
        await write(keys.map(removal), 'with the system')
      }
    }
  }
  let trimming: Promise<void> = Promise.resolve()
  return {
    isTrimmed: (id) => id <= trimmed,
    /** One after the other: two at a time would count the same bytes twice. */
    trim(beforeMs) {
      trimming = trimming.catch(() => undefined).then(() => trimNow(beforeMs))
      return trimming
    },
  }
}
