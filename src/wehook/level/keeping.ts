/** What comes is kept, once, as long as there is room. */
import type { Arrived, Callback } from '../callback.ts'
import { bytesOfCallback } from '../callback-bytes.ts'
import { callbackIds } from '../callback-ids.ts'
import type { CountedWrites } from '../counted-writes.ts'
import type { Write } from '../grouped-writes.ts'
import { messageOf } from '../message-of.ts'
import type { RecentCallbacks } from '../recent-callbacks.ts'
import { type CallbackStore, StoreFull } from '../store.ts'
import { callbackKey, type LevelDb, markKey, type Notice, noticeKey, putNew, putNewBytes } from './layout.ts'
import { type NewestIds, newestIds } from './newest-ids.ts'

export interface Keeping extends Pick<CallbackStore, 'keep' | 'arrivals'> {
  /** The first of a source's callbacks after one, by their ids; null where it is to be looked for what there is. */
  idsAfter: NewestIds['after']
  /** The last id that was given to a callback, '' for none. */
  lastId(): string
}

export interface KeepingOptions extends CountedWrites {
  readonly db: LevelDb
  readonly recent: RecentCallbacks
  /** Bytes of all that is kept, at most. */
  readonly maxBytes: number
  /** What came longer ago makes room for what comes. */
  readonly holdMs: number
  readonly trim: (beforeMs: number) => Promise<void>
  readonly isTrimmed: (id: string) => boolean
  /** The last id that was given before the store was opened, '' for none. */
  readonly idAtOpen: string
}

export function levelKeeping(options: KeepingOptions): Keeping {
  const { db, idAtOpen, write, bytes, recent, maxBytes, holdMs, trim, isTrimmed } = options
  const newId = callbackIds(idAtOpen === '' ? null : idAtOpen)
  let last = idAtOpen
  const nextId = (nowMs: number): string => {
    last = newId(nowMs)
    return last
  }
  const ids = newestIds({ before: idAtOpen, known: KNOWN_IDS, isTrimmed })
  /** Bytes of callbacks that are being written. */
  let coming = 0
  /** Keys of marks that are being written. */
  const marking = new Set<string>()
  let tell: (source: string) => void = () => {}

  const written = async (
    { id, source, mark, receivedAtMs, method, suffix }: Callback,
    value: Buffer,
  ): Promise<void> => {
    const notice = putNew(noticeKey(id), { source, mark, receivedAtMs, method, suffix } satisfies Notice)
    const size = value.length + notice.value.length
    if (bytes() + coming + size > maxBytes) throw new StoreFull(`${maxBytes} bytes are kept`)
    const writes: Write[] = [putNewBytes(callbackKey(source, id), value), notice]
    if (mark !== null) writes.push(putNewBytes(markKey(source, mark), Buffer.from(id)))
    coming += size
    try {
      await write(writes, 'on disk')
    } catch (cause) {
      throw new StoreFull(`a callback could not be written: ${messageOf(cause)}`, { cause })
    } finally {
      coming -= size
    }
  }

  const keepNow = async (arrived: Arrived): Promise<Callback> => {
    if (bytes() + coming + arrived.body.length + HEAD_MAX_BYTES > maxBytes) await trim(arrived.receivedAtMs - holdMs)
    // From here to the write without a wait: callbacks are written in the order of their ids, so that none comes
    // behind one that was given to a listener.
    const callback = { id: nextId(arrived.receivedAtMs), ...arrived }
    const value = bytesOfCallback(callback)
    await written(callback, value)
    recent.put({ callback, bytes: value.length })
    ids.came(arrived.source, callback.id)
    tell(arrived.source)
    return callback
  }

  return {
    async keep(arrived) {
      if (arrived.mark === null) return await keepNow(arrived)
      const mark = markKey(arrived.source, arrived.mark)
      if (marking.has(mark)) return null
      marking.add(mark)
      try {
        // Nearly all are not there, as LevelDB's filters in memory say at once: a thread would be asked for longer.
        return db.getSync(mark) === undefined ? await keepNow(arrived) : null
      } finally {
        marking.delete(mark)
      }
    },
    arrivals(told) {
      tell = told
    },
    idsAfter: ids.after,
    lastId: () => last,
  }
}

/** Of all sources, some 70 bytes each. */
const KNOWN_IDS = 10_000
/** Node.js: http.maxHeaderSize is 16 KB; as JSON it is more. */
const HEAD_MAX_BYTES = 32 * 1024
