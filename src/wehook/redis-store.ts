/** Callbacks in Redis, where several replicas of WeHook share the work. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { z } from 'zod'
import { Terminal } from '../domain/errors.ts'
import type { Arrived, Callback, ListedCallback } from './callback.ts'
import { bytesOfCallback, callbackOfBytes, headOfText } from './callback-bytes.ts'
import { messageOf } from './message-of.ts'
import { newestFirst } from './newest-first.ts'
import { recentCallbacks } from './recent-callbacks.ts'
import { AGAIN, FOLLOW, FORGET, KEEP, LATEST, LISTED, TAKE, TRIED, TRIM } from './redis-scripts.ts'
import { reconnectWhereSilent } from './silent-connection.ts'
import { type CallbackStore, type Outcome, OutcomeSchema, StoreFull, type Taken } from './store.ts'

/**
 * Keys. `c:<source>`: the stream of its callbacks, in which each listener is a consumer group. `r:<listener>`: a sorted set
 * of what it is being handed or is to be handed again, by when: whoever takes something moves it behind a lease, so that
 * it comes back where that one dies. `a:<listener>`: how often each of these was tried, and since when. `o:<source>:<id>`:
 * what came of a callback by listener. `m:<source>:<mark>`: its id. `listeners`: the source of each. `listed`: when a
 * replica's list had each last. `sources`. `last`: the id that was given last. `k:<replica>`: the ids of those callbacks of
 * which it may not have heard yet that they are kept, by its own numbers for them. `bytes`: what all takes, about, but for
 * the names of listeners and sources and for `k`, in which there are few.
 */
const PREFIX = 'wehook:'
const ARRIVED = `${PREFIX}arrived`
const key = {
  stream: (source: string) => `${PREFIX}c:${source}`,
  due: (listener: string) => `${PREFIX}r:${listener}`,
  tried: (listener: string) => `${PREFIX}a:${listener}`,
  outcomes: (source: string, streamId: string) => `${PREFIX}o:${source}:${streamId}`,
  mark: (source: string, mark: string) => `${PREFIX}m:${source}:${mark}`,
  listeners: `${PREFIX}listeners`,
  listed: `${PREFIX}listed`,
  sources: `${PREFIX}sources`,
  bytes: `${PREFIX}bytes`,
  last: `${PREFIX}last`,
  unheard: (replica: string) => `${PREFIX}k:${replica}`,
}

export interface RedisStoreOptions {
  /** `redis://…` or `rediss://…` */
  readonly url: string
  /** Null where it needs none. */
  readonly password: string | null
  /** Bytes of all that is kept, at most. */
  readonly maxBytes: number
  /** How long what one replica takes is left to it: longer than any attempt. */
  readonly leaseMs: number
  /** What came longer ago makes room for what comes. */
  readonly holdMs: number
  /** How long a connection may say nothing when it is asked. */
  readonly silenceMaxMs?: number
  readonly failed: (what: string, error: unknown) => void
}

const SILENCE_MAX_MS = 10_000

const TakenSchema = z.array(
  z.tuple([z.instanceof(Buffer), z.instanceof(Buffer), z.instanceof(Buffer), z.instanceof(Buffer)]),
)
/** The id in the stream, and the head. */
const LatestSchema = z.array(z.tuple([z.instanceof(Buffer), z.instanceof(Buffer)]))
const TriedSchema = z.object({ attempts: z.number(), sinceMs: z.number() })
/** The id in the stream and all bytes, or a word. */
const KeptSchema = z.union([
  z
    .tuple([z.instanceof(Buffer), z.number()])
    .transform(([streamId, bytes]) => ({ id: idOf(streamId.toString()), bytes })),
  z.instanceof(Buffer).transform((word) => z.enum(['repeated', 'full']).parse(word.toString())),
])

/** @throws {Terminal} (operator) Redis can't be reached, and why */
export async function openRedisStore(options: RedisStoreOptions): Promise<CallbackStore> {
  const { url, password, maxBytes, leaseMs, holdMs, silenceMaxMs = SILENCE_MAX_MS, failed } = options
  const access = password === null ? { lazyConnect: true } : { lazyConnect: true, password }
  const redis = new Redis(url, { ...access, maxRetriesPerRequest: 3 })
  const listening = new Redis(url, { ...access, maxRetriesPerRequest: null })
  const clients = [redis, listening]
  let fault: unknown = null
  for (const client of clients) {
    client.on('error', (error) => {
      fault = error
      failed('Redis', plain(error))
    })
  }
  try {
    for (const client of clients) await client.connect()
    await listening.subscribe(ARRIVED)
  } catch (error) {
    for (const client of clients) client.disconnect() // they would go on trying, and keep the process
    // ioredis: what `connect` says itself is that the connection is closed.
    const why = messageOf(fault ?? error)
    throw new Terminal(`wehook.store: Redis can't be reached: ${why}`, { whose: 'operator' })
  }
  let tell: (source: string) => void = () => {}
  listening.on('message', (_, source) => tell(source))
  // What came while the connection was away was not told.
  listening.on('ready', () => {
    redis.smembers(key.sources).then(
      (sources) => {
        for (const source of sources) tell(source)
      },
      (error: unknown) => failed('Redis', plain(error)),
    )
  })
  const recent = recentCallbacks()
  let bytes = Number((await redis.get(key.bytes)) ?? 0)
  const watches = clients.map((client) => reconnectWhereSilent(client, silenceMaxMs))

  /** @throws what Redis says of a script, and where in it that was: neither the script nor what it was given */
  const run = async (
    script: string,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> => {
    try {
      return await redis.callBuffer('EVAL', script, keys.length, ...keys, ...args)
    } catch (error) {
      throw plain(error)
    }
  }
  const sourceOf = (listener: string) => redis.hget(key.listeners, listener)
  const triedOf = (attempts: number, sinceMs: number) => JSON.stringify({ attempts, sinceMs })

  const read = (source: string, id: string): Promise<Callback | null> =>
    recent.get(id, async () => {
      const at = streamIdOf(id)
      const [entry] = await redis.xrangeBuffer(key.stream(source), at, at)
      const value = entry?.[1][1]
      return value === undefined ? null : readOf(id, value)
    })
  const readOf = (id: string, value: Buffer) => ({ callback: { ...callbackOfBytes(value), id }, bytes: value.length })
  const trim = async (beforeMs: number) => {
    for (const source of await redis.smembers(key.sources)) {
      const args = [Math.max(0, beforeMs), TRIMMED_AT_ONCE, key.mark(source, ''), key.outcomes(source, '')]
      while (Number(await run(TRIM, [key.stream(source), key.bytes], args)) === TRIMMED_AT_ONCE);
    }
    bytes = Number((await redis.get(key.bytes)) ?? 0)
  }
  async function* latestOf(source: string): AsyncGenerator<ListedCallback> {
    for (let end = '+'; ; ) {
      const some = LatestSchema.parse(await run(LATEST, [key.stream(source)], [end, LOOKED_AT_ONCE]))
      for (const [streamId, head] of some) {
        const { method, suffix, receivedAtMs } = headOfText(head.toString())
        yield { id: idOf(streamId.toString()), source, receivedAtMs, method, suffix }
        end = `(${streamId.toString()}`
      }
      if (some.length < LOOKED_AT_ONCE) return
    }
  }
  /** Of a source, and of a listener. */
  const keysOf = (source: string, listener: string) => [
    ...[key.stream(source), key.due(listener), key.tried(listener)],
    ...[key.bytes, key.listeners, key.listed],
  ]
  const tried = async (taken: Taken, outcome: Outcome, dueMs: number | null): Promise<void> => {
    const { listener, callback, sinceMs } = taken
    const at = streamIdOf(callback.id)
    const next = dueMs === null ? ['', ''] : [dueMs, triedOf(outcome.attempts, sinceMs)]
    await run(
      TRIED,
      [...keysOf(callback.source, listener), key.outcomes(callback.source, at)],
      [listener, at, JSON.stringify(outcome), ...next, sinceMs],
    )
  }
  const unheard = key.unheard(randomUUID())
  /** Numbers of keeps that are through, as Redis is to hear with the next one. */
  let through: number[] = []
  let keeps = 0
  /** ioredis asks again where the connection ended before an answer: by its number Redis knows what it did already. */
  const keepNow = async (arrivedNow: Arrived, value: Buffer): Promise<z.output<typeof KeptSchema>> => {
    const { source, mark } = arrivedNow
    const keys = [key.stream(source), key.bytes, key.mark(source, mark ?? ''), key.sources, key.last, unheard]
    const number = ++keeps
    const args = [value, maxBytes, mark ?? '', source, ARRIVED, number, ...through]
    through = []
    try {
      return KeptSchema.parse(await run(KEEP, keys, args))
    } catch (error) {
      if (messageOf(error).startsWith('OOM')) return 'full' // Redis: "maxmemory-policy noeviction"
      throw error
    } finally {
      through.push(number)
    }
  }

  return {
    async keep(arrivedNow) {
      const value = bytesOfCallback({ id: '', ...arrivedNow })
      let kept: z.output<typeof KeptSchema>
      try {
        kept = await keepNow(arrivedNow, value)
        if (kept === 'full') {
          await trim(arrivedNow.receivedAtMs - holdMs)
          kept = await keepNow(arrivedNow, value)
        }
      } catch (cause) {
        throw new StoreFull(`a callback could not be written: ${messageOf(cause)}`)
      }
      if (kept === 'repeated') return null
      if (kept === 'full') throw new StoreFull(`${maxBytes} bytes are kept, or Redis has no memory left`)
      bytes = kept.bytes
      const callback = { ...arrivedNow, id: kept.id }
      recent.put({ callback, bytes: value.length })
      return callback
    },
    arrivals(told) {
      tell = told
    },
    async follow(listener, source, sinceMs) {
      await run(FOLLOW, [key.stream(source), key.listeners, key.last], [listener, source, Math.max(1, sinceMs)])
    },
    async forget(listener) {
      const source = await sourceOf(listener)
      if (source !== null) await run(FORGET, keysOf(source, listener), [listener])
    },
    async listeners() {
      const listed = await redis.zrange(key.listed, '0', '-1', 'WITHSCORES')
      const atMs = new Map<string, number>()
      for (let at = 0; at < listed.length; at += 2) atMs.set(listed[at] ?? '', Number(listed[at + 1]))
      return new Map((await redis.hkeys(key.listeners)).map((name) => [name, atMs.get(name) ?? 0]))
    },
    async listed(listeners, atMs) {
      await run(LISTED, [key.listed], [atMs, ...listeners])
    },
    async take(listener, most, maxBytes, nowMs, first) {
      const source = await sourceOf(listener)
      if (source === null) return []
      const args = [listener, most, nowMs, nowMs + leaseMs, triedOf(0, 0), first, maxBytes]
      const given = TakenSchema.parse(await run(TAKE, keysOf(source, listener), args))
      const found: Taken[] = []
      for (const [streamId, value, tried, due] of given) {
        const callback = recent.put(readOf(idOf(streamId.toString()), value))
        const { attempts, sinceMs } = TriedSchema.parse(JSON.parse(tried.toString()))
        const isFirst = due.length === 0
        const since = sinceMs === 0 ? callback.receivedAtMs : sinceMs
        found.push({ listener, callback, attempts, sinceMs: since, dueMs: isFirst ? null : Number(due.toString()) })
      }
      return found
    },
    async nextDueMs(listener) {
      const [, due] = await redis.zrange(key.due(listener), '0', '0', 'WITHSCORES')
      return due === undefined ? null : Number(due)
    },
    settle: (taken, outcome) => tried(taken, outcome, null),
    postpone: tried,
    async again(listener, id, nowMs) {
      const source = await sourceOf(listener)
      if (source === null || !ID.test(id)) return false
      const args = [listener, streamIdOf(id), nowMs, triedOf(0, nowMs)]
      return (await run(AGAIN, keysOf(source, listener), args)) === 1
    },
    async callback(id) {
      if (!ID.test(id)) return null
      for (const source of await redis.smembers(key.sources)) {
        const found = await read(source, id)
        if (found !== null) return found
      }
      return null
    },
    async *latest() {
      const sources = await redis.smembers(key.sources)
      yield* newestFirst(sources.map(latestOf))
    },
    async outcomes({ id, source }) {
      if (!ID.test(id)) return new Map()
      const all = Object.entries(await redis.hgetall(key.outcomes(source, streamIdOf(id))))
      return new Map(
        all.map(([listener, text]): [string, Outcome] => [listener, OutcomeSchema.parse(JSON.parse(text))]),
      )
    },
    trim,
    bytes: () => bytes,
    async close() {
      for (const end of watches) end()
      listening.disconnect()
      await redis.quit()
    },
  }
}

/** Redis reads their bodies for that, and does nothing else meanwhile. */
const LOOKED_AT_ONCE = 16
/** Redis does nothing else meanwhile. */
const TRIMMED_AT_ONCE = 100

/** An id of ours: the time in milliseconds and the count of a stream's, both in hexadecimal. */
const ID = /^[0-9a-f]{12}[0-9a-f]{6}$/
function idOf(streamId: string): string {
  const [ms = '', count = ''] = streamId.split('-')
  return `${Number(ms).toString(16).padStart(12, '0')}${Number(count).toString(16).padStart(6, '0')}`
}
const streamIdOf = (id: string): string =>
  `${Number.parseInt(id.slice(0, 12), 16)}-${Number.parseInt(id.slice(12), 16)}`

/** Without the command that failed, which ioredis hangs on its errors: a password or a whole script is among its arguments. */
const plain = (error: unknown): Error => new Error(messageOf(error))
