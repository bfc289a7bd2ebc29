/** Callbacks in LevelDB, in a folder of this process. */
import { setTimeout as delay } from 'node:timers/promises'
import { ClassicLevel } from 'classic-level'
import { z } from 'zod'
import type { Callback, CallbackHead } from './callback.ts'
import { bytesOfCallback, callbackOfBytes } from './callback-bytes.ts'
import { callbackIds, firstIdAt } from './callback-ids.ts'
import { groupedWrites, type Write } from './grouped-writes.ts'
import { messageOf } from './message-of.ts'
import { recentCallbacks } from './recent-callbacks.ts'
import { type CallbackStore, type Outcome, OutcomeSchema, StoreFull, type Taken } from './store.ts'

/**
 * Keys, in parts that a NUL separates, which no name has:
 * `c source id`: a callback. `i id`: its source. `m source mark`: its id.
 * `g listener`: the source that it follows, and the last callback up to which it has had all but what is in `r`.
 * `r listener due id`: what is to be tried again, and how often it was. `o id listener`: what came of it.
 * `bytes`: of all callbacks.
 */
const keyOf = (...parts: readonly string[]): string => parts.join('\0')
/** After all keys that begin with these parts and one more. */
const endOf = (...parts: readonly string[]): string => `${parts.join('\0')}\x01`
const lastPartOf = (key: string): string => key.slice(key.lastIndexOf('\0') + 1)

const DUE_DIGITS = 12
const dueOf = (ms: number): string => ms.toString(16).padStart(DUE_DIGITS, '0')

const FollowerSchema = z.object({ source: z.string(), had: z.string() })
const AttemptsSchema = z.object({ attempts: z.number(), sinceMs: z.number() })
/** What a listener follows, and how far it is. */
interface Follower {
  readonly source: string
  /** The last callback that was given out. */
  given: string
  /** All up to this were had, or are to be tried again. */
  had: string
  /** Callbacks that were given out for the first time and are not through, in their order: id -> whether it is done. */
  readonly under: Map<string, boolean>
  /** Keys of what is being tried again. */
  readonly again: Set<string>
  /** How much is in `r`, so that nothing is looked for where nothing is. */
  postponed: number
}

export interface LevelStoreOptions {
  readonly folder: string
  /** Bytes of callbacks that are kept at most. */
  readonly maxBytes: number
  /** Told once that a write failed: the store takes nothing any more, and is to be opened anew. */
  readonly broke: (error: unknown) => void
  /** What came longer ago makes room for what comes. */
  readonly ttlMs: number
  /** How long another process may have it still. */
  readonly lockedMs: number
}

/** How often it is looked whether the other process has ended. */
const LOCKED_EVERY_MS = 200

async function openUnlocked(db: ClassicLevel<string, Buffer>, lockedMs: number): Promise<void> {
  const untilMs = performance.now() + lockedMs
  for (;;) {
    try {
      return await db.open()
    } catch (error) {
      if (!isLocked(error) || performance.now() >= untilMs) throw error
    }
    await delay(LOCKED_EVERY_MS)
  }
}

/** classic-level: `open()` fails with LEVEL_DATABASE_NOT_OPEN, and why as the cause. */
const isLocked = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'LEVEL_LOCKED'

/**
 * Opens the store, as it was left. Another process that has it is given `lockedMs` to end: a pod that takes another's
 * place starts while that ends.
 * @throws where another process has it open, or it is damaged
 */
export async function openLevelStore({
  folder,
  maxBytes,
  ttlMs,
  broke,
  lockedMs,
}: LevelStoreOptions): Promise<CallbackStore> {
  const db = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' })
  await openUnlocked(db, lockedMs)
  const write = groupedWrites((writes, options) => db.batch(writes, options), broke)
  const recent = recentCallbacks()
  const followers = new Map<string, Follower>()
  let tell: (source: string) => void = () => {}
  /** Source -> the last callback that is written, as far as one was since the store was opened. */
  const newestOf = new Map<string, string>()
  /** Keys of marks that are being written. */
  const marking = new Set<string>()
  const [newest] = await db.keys({ gt: keyOf('i', ''), lt: endOf('i'), reverse: true, limit: 1 }).all()
  const nextId = callbackIds(newest === undefined ? null : lastPartOf(newest))
  let bytes = Number((await db.get('bytes'))?.toString() ?? 0)

  for await (const [key, value] of db.iterator({ gt: keyOf('g', ''), lt: endOf('g') })) {
    const { source, had } = FollowerSchema.parse(JSON.parse(value.toString()))
    const listener = lastPartOf(key)
    const postponed = (await db.keys({ gt: keyOf('r', listener, ''), lt: endOf('r', listener) }).all()).length
    followers.set(listener, { source, given: had, had, under: new Map(), again: new Set(), postponed })
  }

  const put = (key: string, value: object): Write => ({ type: 'put', key, value: Buffer.from(JSON.stringify(value)) })
  const bytesNow = (): Write => ({ type: 'put', key: 'bytes', value: Buffer.from(String(bytes)) })
  const following = (listener: string, { source, had }: Follower): Write => put(keyOf('g', listener), { source, had })

  const read = async (source: string, id: string): Promise<Callback | null> => {
    const known = recent.get(id)
    if (known !== null) return known
    const found = await db.get(keyOf('c', source, id))
    if (found === undefined) return null
    const callback = callbackOfBytes(found)
    recent.put(callback, found.length)
    return callback
  }

  /** What is to be tried again by now, and is not being tried. */
  const dueAgain = async (listener: string, follower: Follower, most: number, nowMs: number): Promise<Taken[]> => {
    const found: Taken[] = []
    if (follower.postponed === follower.again.size) return found
    const range = { gt: keyOf('r', listener, ''), lt: keyOf('r', listener, dueOf(nowMs + 1)) }
    for await (const [key, value] of db.iterator({ ...range, limit: most + follower.again.size })) {
      if (found.length === most) break
      if (follower.again.has(key)) continue
      const id = lastPartOf(key)
      const callback = await read(follower.source, id)
      if (callback === null) {
        follower.postponed -= 1
        await write([{ type: 'del', key }], 'with the system') // it was trimmed
        continue
      }
      follower.again.add(key)
      found.push({ listener, callback, ...AttemptsSchema.parse(JSON.parse(value.toString())), dueMs: dueMsOf(key) })
    }
    return found
  }

  const notHad = async (listener: string, follower: Follower, most: number): Promise<Taken[]> => {
    const { source } = follower
    const found: Taken[] = []
    const newest = newestOf.get(source)
    if (newest !== undefined && follower.given >= newest) return found
    const range = { gt: keyOf('c', source, follower.given), lt: endOf('c', source), limit: most }
    for (const key of await db.keys(range).all()) {
      const id = lastPartOf(key)
      follower.given = id
      follower.under.set(id, false)
      const callback = await read(source, id)
      if (callback === null) follower.under.delete(id)
      else found.push({ listener, callback, attempts: 0, sinceMs: callback.receivedAtMs, dueMs: null })
    }
    return found
  }

  /** The listener is through with it this time: what is written for that. */
  const through = ({ listener, callback, dueMs }: Taken, follower: Follower): Write[] => {
    if (dueMs !== null) {
      const key = keyOf('r', listener, dueOf(dueMs), callback.id)
      follower.again.delete(key)
      follower.postponed -= 1
      return [{ type: 'del', key }]
    }
    follower.under.set(callback.id, true)
    for (const [id, isDone] of follower.under) {
      if (!isDone) break
      follower.under.delete(id)
      follower.had = id
    }
    return [following(listener, follower)]
  }

  const written = async ({ id, source }: Callback, value: Buffer, mark: string | null): Promise<void> => {
    const writes: Write[] = [
      { type: 'put', key: keyOf('c', source, id), value },
      { type: 'put', key: keyOf('i', id), value: Buffer.from(source) },
      bytesNow(),
    ]
    if (mark !== null) writes.push({ type: 'put', key: mark, value: Buffer.from(id) })
    try {
      await write(writes, 'on disk')
    } catch (cause) {
      bytes -= value.length
      throw new StoreFull(`a callback could not be written: ${messageOf(cause)}`, { cause })
    }
  }

  const trimNow = async (beforeMs: number): Promise<void> => {
    const end = firstIdAt(beforeMs)
    for await (const [key, value] of db.iterator({ gt: keyOf('i', ''), lt: keyOf('i', end) })) {
      const [source, id] = [value.toString(), lastPartOf(key)]
      const callback = await db.get(keyOf('c', source, id))
      bytes -= callback?.length ?? 0
      const mark = callback === undefined ? null : callbackOfBytes(callback).mark
      await db.clear({ gt: keyOf('o', id, ''), lt: endOf('o', id) })
      await write(
        [
          { type: 'del', key: keyOf('c', source, id) },
          { type: 'del', key },
          ...(mark === null ? [] : [{ type: 'del', key: keyOf('m', source, mark) } as const]),
          bytesNow(),
        ],
        'with the system',
      )
    }
  }

  let trimming: Promise<void> = Promise.resolve()
  /** One after the other: two at a time would count the same bytes twice. */
  const trim = (beforeMs: number): Promise<void> => {
    trimming = trimming.catch(() => undefined).then(() => trimNow(beforeMs))
    return trimming
  }

  const sourceOf = async (id: string): Promise<string | null> => (await db.get(keyOf('i', id)))?.toString() ?? null

  return {
    async keep(arrived) {
      const { source } = arrived
      const mark = arrived.mark === null ? null : keyOf('m', source, arrived.mark)
      if (mark !== null) {
        if (marking.has(mark)) return null
        marking.add(mark)
      }
      try {
        if (mark !== null && (await db.get(mark)) !== undefined) return null
        if (bytes + arrived.body.length + HEAD_MAX_BYTES > maxBytes) await trim(arrived.receivedAtMs - ttlMs)
        // From here to the write without a wait: callbacks are written in the order of their ids, so that none comes
        // behind one that was given to a listener.
        const callback = { id: nextId(arrived.receivedAtMs), ...arrived }
        const value = bytesOfCallback(callback)
        if (bytes + value.length > maxBytes) throw new StoreFull(`more than ${maxBytes} bytes of callbacks are kept`)
        bytes += value.length
        await written(callback, value, mark)
        recent.put(callback, value.length)
        newestOf.set(source, callback.id)
        tell(source)
        return callback
      } finally {
        if (mark !== null) marking.delete(mark)
      }
    },
    arrivals(told) {
      tell = told
    },
    async follow(listener, source, sinceMs) {
      const known = followers.get(listener)
      if (known?.source === source) {
        known.given = known.had
        known.under.clear()
        known.again.clear()
        return
      }
      const had = firstIdAt(sinceMs)
      const follower: Follower = { source, given: had, had, under: new Map(), again: new Set(), postponed: 0 }
      followers.set(listener, follower)
      await write([following(listener, follower)], 'on disk')
    },
    async forget(listener) {
      followers.delete(listener)
      await db.clear({ gt: keyOf('r', listener, ''), lt: endOf('r', listener) })
      await write([{ type: 'del', key: keyOf('g', listener) }], 'with the system')
    },
    listeners: async () => [...followers.keys()],
    async take(listener, most, nowMs, first) {
      const follower = followers.get(listener)
      if (follower === undefined) return []
      const again = (room: number) => dueAgain(listener, follower, room, nowMs)
      const unseen = (room: number) => notHad(listener, follower, room)
      const [one, other] = first === 'again' ? [again, unseen] : [unseen, again]
      const found = await one(most)
      return found.length === most ? found : [...found, ...(await other(most - found.length))]
    },
    async nextDueMs(listener) {
      const follower = followers.get(listener)
      if (follower === undefined || follower.postponed === follower.again.size) return null
      const range = { gt: keyOf('r', listener, ''), lt: endOf('r', listener), limit: follower.again.size + 1 }
      const key = (await db.keys(range).all()).find((each) => !follower.again.has(each))
      return key === undefined ? null : dueMsOf(key)
    },
    async settle(taken, outcome) {
      const follower = followers.get(taken.listener)
      if (follower === undefined) return
      const told = put(keyOf('o', taken.callback.id, taken.listener), outcome)
      await write([...through(taken, follower), told], 'with the system')
    },
    async postpone(taken, outcome, dueMs) {
      const { listener, callback } = taken
      const follower = followers.get(listener)
      if (follower === undefined) return
      const writes = through(taken, follower)
      follower.postponed += 1
      const tried = { attempts: outcome.attempts, sinceMs: taken.sinceMs }
      await write(
        [
          // After the old one: it may be due at the same millisecond.
          ...writes,
          put(keyOf('r', listener, dueOf(dueMs), callback.id), tried),
          put(keyOf('o', callback.id, listener), outcome),
        ],
        'with the system',
      )
    },
    async again(listener, id, nowMs) {
      const source = await sourceOf(id)
      const follower = followers.get(listener)
      if (source === null || follower?.source !== source) return false
      const key = keyOf('r', listener, dueOf(nowMs), id)
      if ((await db.get(key)) === undefined) follower.postponed += 1
      await write([put(key, { attempts: 0, sinceMs: nowMs })], 'on disk')
      return true
    },
    async callback(id) {
      const source = await sourceOf(id)
      return source === null ? null : await read(source, id)
    },
    async latest(before, most) {
      const found: CallbackHead[] = []
      const range = { gt: keyOf('i', ''), lt: before === null ? endOf('i') : keyOf('i', before) }
      for await (const [key, source] of db.iterator({ ...range, reverse: true, limit: most })) {
        const callback = await db.get(keyOf('c', source.toString(), lastPartOf(key)))
        if (callback === undefined) continue
        const { body: _, ...head } = callbackOfBytes(callback)
        found.push(head)
      }
      return found
    },
    async outcomes(id) {
      const found = new Map<string, Outcome>()
      for await (const [key, value] of db.iterator({ gt: keyOf('o', id, ''), lt: endOf('o', id) })) {
        found.set(lastPartOf(key), OutcomeSchema.parse(JSON.parse(value.toString())))
      }
      return found
    },
    trim,
    bytes: () => bytes,
    close: () => db.close(),
  }
}

/** Node.js: http.maxHeaderSize is 16 KB; as JSON it is more. */
const HEAD_MAX_BYTES = 32 * 1024

const dueMsOf = (key: string): number => Number.parseInt(key.split('\0').at(-2) ?? '', 16)
