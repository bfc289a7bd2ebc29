/** What is looked at: callbacks, and what came of them. */
import type { Callback } from '../callback.ts'
import { callbackOfBytes } from '../callback-bytes.ts'
import type { RecentCallbacks } from '../recent-callbacks.ts'
import { type CallbackStore, type Outcome, OutcomeSchema } from '../store.ts'
import { Damaged } from './damaged.ts'
import { allNotices, callbackKey, jsonOf, type LevelDb, lastPartOf, noticeKey, noticeOf, outcomesOf } from './layout.ts'

export interface Reading extends Pick<CallbackStore, 'callback' | 'latest' | 'outcomes'> {
  /** A callback of a source, null where there is none any more. @throws {Damaged} */
  read(source: string, id: string): Promise<Callback | null>
  /** Whose callback it is, null where there is none. */
  sourceOf(id: string): Promise<string | null>
}

export interface ReadingOptions {
  readonly db: LevelDb
  readonly recent: RecentCallbacks
  readonly isTrimmed: (id: string) => boolean
}

export function levelReading({ db, recent, isTrimmed }: ReadingOptions): Reading {
  const read = async (source: string, id: string): Promise<Callback | null> => {
    if (isTrimmed(id)) return null // it may be among the recent ones still
    return recent.get(id, async () => {
      const found = await db.get(callbackKey(source, id))
      return found === undefined ? null : { callback: callbackOf(id, found), bytes: found.length }
    })
  }
  const sourceOf = async (id: string): Promise<string | null> => {
    const found = await db.get(noticeKey(id))
    return found === undefined ? null : noticeOf(found).source
  }
  return {
    read,
    sourceOf,
    async callback(id) {
      const source = await sourceOf(id)
      return source === null ? null : await read(source, id)
    },
    async *latest() {
      for await (const [key, value] of db.iterator({ ...allNotices, reverse: true })) {
        const { mark: _, ...listed } = noticeOf(value)
        yield { id: lastPartOf(key), ...listed }
      }
    },
    async outcomes({ id }) {
      const found = new Map<string, Outcome>()
      for await (const [key, value] of db.iterator(outcomesOf(id))) {
        found.set(lastPartOf(key), OutcomeSchema.parse(jsonOf(value)))
      }
      return found
    },
  }
}

/** @throws {Damaged} */
function callbackOf(id: string, value: Buffer): Callback {
  try {
    return callbackOfBytes(value)
  } catch (cause) {
    throw new Damaged(`the callback ${id} is damaged on the disk`, { cause })
  }
}
