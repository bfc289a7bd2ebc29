/** Callbacks in LevelDB, in a folder of this process. */
import { setTimeout as delay } from 'node:timers/promises'
import { ClassicLevel } from 'classic-level'
import { z } from 'zod'
import type { Callback, CallbackHead } from './callback.ts'
import { bytesOfCallback, callbackOfBytes } from './callback-bytes.ts'
import { callbackIds, firstIdAt } from './callback-ids.ts'
import { openCountedWrites } from './counted-writes.ts'
import type { Write } from './grouped-writes.ts'
import { messageOf } from './message-of.ts'
import { recentCallbacks } from './recent-callbacks.ts'
import { type CallbackStore, type Outcome, OutcomeSchema, StoreFull, type Taken } from './store.ts'

/**
 * Keys, in parts that a NUL separates, which no name has:
 * `c source id`: a callback. `i id`: its source and its mark. `m source mark`: its id.
 * `g listener`: the source that it follows, and the last callback up to which it has had all but what is in `r`.
 * `r listener due id`: what is to be tried again, and how often it was. `o id listener`: what came of it.
 * `bytes`: of all these but `g`, of which there are few.
 */
const keyOf = (...parts: readonly string[]): string => parts.join('\0')
/** After all keys that begin with these parts and one more. */
const endOf = (...parts: readonly string[]): string => `${parts.join('\0')}\x01`
const lastPartOf = (key: string): string => key.slice(key.lastIndexOf('\0') + 1)

const DUE_DIGITS = 12
const dueOf = (ms: number): string => ms.toString(16).padStart(DUE_DIGITS, '0')

const FollowerSchema = z.object({ source: z.string(), had: z.string() })
const NoticeSchema = z.object({ source: z.string(), mark: z.string().nullable() })
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
  /** Callbacks behind `given` that are to be tried again: they were given out before one in front of them was through. */
  ahead: Set<string>
  /** What was asked for again since the store was opened: id -> the key of the one try that is left, '' for none. */
  readonly asked: Map<string, string>
}

const followerAt = (source: string, had: string): Follower => ({
  ...{ source, given: had, had },
  ...{ under: new Map(), again: new Set(), ahead: new Set(), asked: new Map() },
})

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
  holdMs,
  broke,
  lockedMs,
}: LevelStoreOptions): Promise<CallbackStore> {
  const db = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' })
  await openUnlocked(db, lockedMs)
  /** Listener -> how much is in `r`, so that nothing is looked for where nothing is. */
  const postponed = new Map<string, number>()
  const { write, bytes } = await openCountedWrites({
    db,
    isWrittenOnce: (key) => /^[cim]\0/.test(key),
    counts: (key) => !key.startsWith('g\0'),
    changed(key, isThere) {
      const [kind, listener = ''] = key.split('\0', 2)
      if (kind !== 'r') return
      if (!isThere) followers.get(listener)?.again.delete(key)
      const count = (postponed.get(listener) ?? 0) + (isThere ? 1 : -1)
      if (count === 0) postponed.delete(listener)
      else postponed.set(listener, count)
    },
    broke,
  })
  /** Bytes of callbacks that are being written. */
  let coming = 0
  /** The last callback that was trimmed since the store was opened. */
  let trimmed = ''
  const recent = recentCallbacks()
  const followers = new Map<string, Follower>()
  let tell: (source: string) => void = () => {}
  /** Source -> the last callback that is written, as far as one was since the store was opened. */
  const newestOf = new Map<string, string>()
  /** Keys of marks that are being written. */
  const marking = new Set<string>()
  const [newest] = await db.keys({ gt: keyOf('i', ''), lt: endOf('i'), reverse: true, limit: 1 }).all()
  const nextId = callbackIds(newest === undefined ? null : lastPartOf(newest))

  const waitingOf = (listener: string) => db.keys({ gt: keyOf('r', listener, ''), lt: endOf('r', listener) }).all()
  const aheadOf = (waiting: readonly string[], had: string) => new Set(waiting.map(lastPartOf).filter((id) => id > had))
  for await (const [key, value] of db.iterator({ gt: keyOf('g', ''), lt: endOf('g') })) {
    const { source, had } = FollowerSchema.parse(JSON.parse(value.toString()))
    const listener = lastPartOf(key)
    const waiting = await waitingOf(listener)
    postponed.set(listener, waiting.length)
    followers.set(listener, { ...followerAt(source, had), ahead: aheadOf(waiting, had) })
  }

  const put = (key: string, value: object): Write => ({ type: 'put', key, value: Buffer.from(JSON.stringify(value)) })
  const isNothingAgain = (listener: string, { again }: Follower) => (postponed.get(listener) ?? 0) <= again.size
  const following = (listener: string, { source, had }: Follower): Write => put(keyOf('g', listener), { source, had })

  const read = async (source: string, id: string): Promise<Callback | null> => {
    if (id <= trimmed) return null // it may be among the recent ones still
    return recent.get(id, async () => {
      const found = await db.get(keyOf('c', source, id))
      return found === undefined ? null : { callback: callbackOfBytes(found), bytes: found.length }
    })
  }

  /** What is to be tried again by now, and is not being tried. */
  const dueAgain = async (listener: string, follower: Follower, room: Room, nowMs: number): Promise<Taken[]> => {
    const found: Taken[] = []
    if (isNothingAgain(listener, follower)) return found
    const range = { gt: keyOf('r', listener, ''), lt: keyOf('r', listener, dueOf(nowMs + 1)) }
    for await (const [key, value] of db.iterator({ ...range, limit: room.count + follower.again.size })) {
      if (isFull(room, found)) break
      if (follower.again.has(key)) continue
      const id = lastPartOf(key)
      const callback = await read(follower.source, id)
      if (callback === null || (follower.asked.get(id) ?? key) !== key) {
        await write([{ type: 'del', key }], 'with the system') // it was trimmed, or another try has its place
        continue
      }
      follower.again.add(key)
      found.push({ listener, callback, ...AttemptsSchema.parse(JSON.parse(value.toString())), dueMs: dueMsOf(key) })
    }
    return found
  }

  const notHad = async (listener: string, follower: Follower, room: Room): Promise<Taken[]> => {
    const { source } = follower
    const found: Taken[] = []
    const newest = newestOf.get(source)
    if (newest !== undefined && follower.given >= newest) return found
    const range = { gt: keyOf('c', source, follower.given), lt: endOf('c', source), limit: room.count }
    for (const key of await db.keys(range).all()) {
      if (isFull(room, found)) break
      const id = lastPartOf(key)
      follower.given = id
      const isAhead = follower.ahead.delete(id) || follower.asked.has(id)
      follower.under.set(id, isAhead)
      if (isAhead) continue
      const callback = await read(source, id)
      if (callback === null) follower.under.delete(id)
      else found.push({ listener, callback, attempts: 0, sinceMs: callback.receivedAtMs, dueMs: null })
    }
    return found
  }

  /** The listener is through with it this time. What came of it is noted, unless it was trimmed. */
  const through = async (taken: Taken, outcome: Outcome, nextMs: number | null): Promise<void> => {
    const { listener, dueMs, sinceMs } = taken
    const { id } = taken.callback
    const follower = followers.get(listener)
    if (follower === undefined) return
    const writes: Write[] = []
    const again = dueMs === null ? null : keyOf('r', listener, dueOf(dueMs), id)
    const next = nextMs === null ? null : keyOf('r', listener, dueOf(nextMs), id)
    const asked = follower.asked.get(id) ?? ''
    const isTriedOtherwise = asked !== '' && asked !== again
    if (follower.asked.has(id) && !isTriedOtherwise) follower.asked.set(id, next ?? '')
    if (again !== null) writes.push({ type: 'del', key: again })
    else if (follower.under.has(id)) {
      follower.under.set(id, true)
      for (const [first, isDone] of follower.under) {
        if (!isDone) break
        follower.under.delete(first)
        follower.had = first
      }
      writes.push(following(listener, follower))
    }
    // What is noted comes behind: it may be due again at the same millisecond.
    if (id > trimmed) {
      if (next !== null && !isTriedOtherwise) writes.push(put(next, { attempts: outcome.attempts, sinceMs }))
      writes.push(put(keyOf('o', id, listener), outcome))
    }
    await write(writes, 'with the system')
    if (again !== null) follower.again.delete(again)
  }

  const written = async ({ id, source, mark }: Callback, value: Buffer): Promise<void> => {
    const writes: Write[] = [
      { type: 'put', key: keyOf('c', source, id), value },
      put(keyOf('i', id), { source, mark } satisfies z.output<typeof NoticeSchema>),
    ]
    if (mark !== null) writes.push({ type: 'put', key: keyOf('m', source, mark), value: Buffer.from(id) })
    coming += value.length
    try {
      await write(writes, 'on disk')
    } catch (cause) {
      throw new StoreFull(`a callback could not be written: ${messageOf(cause)}`, { cause })
    } finally {
      coming -= value.length
    }
  }

  const trimNow = async (beforeMs: number): Promise<void> => {
    const range = { gt: keyOf('i', ''), lt: keyOf('i', firstIdAt(beforeMs)), limit: REMOVED_AT_ONCE }
    for (;;) {
      const old = await db.iterator(range).all()
      const last = old.at(-1)
      if (last === undefined) return
      // From now on nothing is noted of these; what is being noted is there before it is looked for.
      trimmed = lastPartOf(last[0])
      for (const { asked } of followers.values()) for (const id of asked.keys()) if (id <= trimmed) asked.delete(id)
      await write([], 'with the system')
      for (const [key, value] of old) {
        const id = lastPartOf(key)
        const { source, mark } = NoticeSchema.parse(JSON.parse(value.toString()))
        const keys = [keyOf('c', source, id), key, ...(mark === null ? [] : [keyOf('m', source, mark)])]
        for await (const outcome of db.keys({ gt: keyOf('o', id, ''), lt: endOf('o', id) })) keys.push(outcome)
        await removed(keys)
      }
    }
  }
  const removed = (keys: readonly string[]) =>
    write(
      keys.map((key) => ({ type: 'del', key }) as const),
      'with the system',
    )

  let trimming: Promise<void> = Promise.resolve()
  /** One after the other: two at a time would count the same bytes twice. */
  const trim = (beforeMs: number): Promise<void> => {
    trimming = trimming.catch(() => undefined).then(() => trimNow(beforeMs))
    return trimming
  }

  const sourceOf = async (id: string): Promise<string | null> => {
    const found = await db.get(keyOf('i', id))
    return found === undefined ? null : NoticeSchema.parse(JSON.parse(found.toString())).source
  }

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
        if (bytes() + coming + arrived.body.length + HEAD_MAX_BYTES > maxBytes)
          await trim(arrived.receivedAtMs - holdMs)
        // From here to the write without a wait: callbacks are written in the order of their ids, so that none comes
        // behind one that was given to a listener.
        const callback = { id: nextId(arrived.receivedAtMs), ...arrived }
        const value = bytesOfCallback(callback)
        if (bytes() + coming + value.length > maxBytes) throw new StoreFull(`${maxBytes} bytes are kept`)
        await written(callback, value)
        recent.put({ callback, bytes: value.length })
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
        known.ahead = aheadOf(await waitingOf(listener), known.had)
        known.given = known.had
        known.under.clear()
        known.again.clear()
        return
      }
      const follower = followerAt(source, firstIdAt(sinceMs))
      followers.set(listener, follower)
      await write([following(listener, follower)], 'on disk')
    },
    async forget(listener) {
      followers.delete(listener)
      await write([], 'with the system') // what is being noted is there before it is looked for
      const range = { gt: keyOf('r', listener, ''), lt: endOf('r', listener), limit: REMOVED_AT_ONCE }
      for (;;) {
        const keys = await db.keys(range).all()
        if (keys.length === 0) break
        await removed(keys)
      }
      await removed([keyOf('g', listener)])
    },
    listeners: async () => [...followers.keys()],
    async take(listener, most, maxBytes, nowMs, first) {
      const follower = followers.get(listener)
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
    async nextDueMs(listener) {
      const follower = followers.get(listener)
      if (follower === undefined || isNothingAgain(listener, follower)) return null
      const range = { gt: keyOf('r', listener, ''), lt: endOf('r', listener), limit: follower.again.size + 1 }
      const key = (await db.keys(range).all()).find((each) => !follower.again.has(each))
      return key === undefined ? null : dueMsOf(key)
    },
    settle: (taken, outcome) => through(taken, outcome, null),
    postpone: through,
    async again(listener, id, nowMs) {
      const source = await sourceOf(id)
      const instead: Write[] = []
      for await (const key of db.keys({ gt: keyOf('r', listener, ''), lt: endOf('r', listener) })) {
        if (lastPartOf(key) === id) instead.push({ type: 'del', key })
      }
      const follower = followers.get(listener)
      if (source === null || follower?.source !== source || id <= trimmed) return false
      const key = keyOf('r', listener, dueOf(nowMs), id)
      // What is noted of an attempt from here on is behind this, and adds no other try.
      follower.asked.set(id, key)
      await write([...instead, put(key, { attempts: 0, sinceMs: nowMs })], 'on disk')
      return true
    },
    async callback(id) {
      const source = await sourceOf(id)
      return source === null ? null : await read(source, id)
    },
    async latest(before, most) {
      const found: CallbackHead[] = []
      const range = { gt: keyOf('i', ''), lt: before === null ? endOf('i') : keyOf('i', before) }
      for await (const [key, value] of db.iterator({ ...range, reverse: true, limit: most })) {
        const { source } = NoticeSchema.parse(JSON.parse(value.toString()))
        const callback = await db.get(keyOf('c', source, lastPartOf(key)))
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
    bytes,
    close: () => db.close(),
  }
}

/** Others wait to write meanwhile. */
const REMOVED_AT_ONCE = 100
/** Node.js: http.maxHeaderSize is 16 KB; as JSON it is more. */
const HEAD_MAX_BYTES = 32 * 1024

/** How much may be taken at a time. */
interface Room {
  readonly count: number
  /** Of bodies: none is added once they are as many. */
  readonly bytes: number
}

const bodyBytesOf = (all: readonly Taken[]): number => all.reduce((sum, { callback }) => sum + callback.body.length, 0)
const isFull = ({ count, bytes }: Room, found: readonly Taken[]): boolean =>
  found.length >= count || bodyBytesOf(found) >= bytes

const dueMsOf = (key: string): number => Number.parseInt(key.split('\0').at(-2) ?? '', 16)
