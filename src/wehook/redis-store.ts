/** Callbacks in Redis, where several replicas of WeHook share the work. */
import { Redis } from 'ioredis'
import { z } from 'zod'
import type { Callback, CallbackHead } from './callback.ts'
import { bytesOfCallback, callbackOfBytes } from './callback-bytes.ts'
import { messageOf } from './message-of.ts'
import { recentCallbacks } from './recent-callbacks.ts'
import { FORGET, KEEP, TAKE, TRIM } from './redis-scripts.ts'
import { type CallbackStore, OutcomeSchema, StoreFull, type Taken } from './store.ts'

/**
 * Keys. `c:<source>`: the stream of its callbacks, in which each listener is a consumer group. `r:<listener>`: a sorted set
 * of what it is being handed or is to be handed again, by when: whoever takes something moves it behind a lease, so that
 * it comes back where that one dies. `a:<listener>`: how often each of these was tried, and since when. `o:<id>`: what came
 * of a callback by listener. `m:<source>:<mark>`: that it is there. `listeners`: the source of each. `sources`, `bytes`.
 */
const PREFIX = 'wehook:'
const ARRIVED = `${PREFIX}arrived`
const key = {
  stream: (source: string) => `${PREFIX}c:${source}`,
  due: (listener: string) => `${PREFIX}r:${listener}`,
  tried: (listener: string) => `${PREFIX}a:${listener}`,
  outcomes: (id: string) => `${PREFIX}o:${id}`,
  mark: (source: string, mark: string) => `${PREFIX}m:${source}:${mark}`,
  listeners: `${PREFIX}listeners`,
  sources: `${PREFIX}sources`,
  bytes: `${PREFIX}bytes`,
}

export interface RedisStoreOptions {
  /** `redis://…` or `rediss://…` */
  readonly url: string
  /** Null where it needs none. */
  readonly password: string | null
  /** Bytes of callbacks that are kept at most. */
  readonly maxBytes: number
  /** How long what one replica takes is left to it: longer than any attempt. */
  readonly leaseMs: number
  /** How long what came of a callback is kept. */
  readonly keepMs: number
  readonly ttlMs: number
  readonly failed: (what: string, error: unknown) => void
}

const TakenSchema = z.array(
  z.tuple([z.instanceof(Buffer), z.instanceof(Buffer), z.instanceof(Buffer), z.instanceof(Buffer)]),
)
const TriedSchema = z.object({ attempts: z.number(), sinceMs: z.number() })

/** @throws where Redis can't be reached */
export async function openRedisStore(options: RedisStoreOptions): Promise<CallbackStore> {
  const { url, password, maxBytes, leaseMs, keepMs, ttlMs, failed } = options
  const access = password === null ? { lazyConnect: true } : { lazyConnect: true, password }
  const redis = new Redis(url, { ...access, maxRetriesPerRequest: 3 })
  const listening = new Redis(url, { ...access, maxRetriesPerRequest: null })
  for (const client of [redis, listening]) client.on('error', (error) => failed('Redis', plain(error)))
  try {
    await redis.connect()
    await listening.connect()
  } catch (error) {
    throw plain(error)
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
  await listening.subscribe(ARRIVED)
  const recent = recentCallbacks()
  let bytes = Number((await redis.get(key.bytes)) ?? 0)

  const run = (
    script: string,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> => redis.callBuffer('EVAL', script, keys.length, ...keys, ...args)
  const sourceOf = (listener: string) => redis.hget(key.listeners, listener)
  const triedOf = (attempts: number, sinceMs: number) => JSON.stringify({ attempts, sinceMs })

  const read = async (source: string, id: string): Promise<Callback | null> => {
    const known = recent.get(id)
    if (known !== null) return known
    const at = streamIdOf(id)
    const [entry] = await redis.xrangeBuffer(key.stream(source), at, at)
    return entry === undefined ? null : callbackIn(id, entry[1][1])
  }
  const callbackIn = (id: string, value: Buffer | undefined): Callback | null => {
    if (value === undefined) return null
    const callback = { ...callbackOfBytes(value), id }
    recent.put(callback, value.length)
    return callback
  }
  const trim = async (beforeMs: number) => {
    for (const source of await redis.smembers(key.sources)) {
      await run(TRIM, [key.stream(source), key.bytes], [Math.max(0, beforeMs)])
    }
    bytes = Number((await redis.get(key.bytes)) ?? 0)
  }

  return {
    async keep(arrivedNow) {
      const { source, mark, receivedAtMs } = arrivedNow
      const value = bytesOfCallback({ id: '', ...arrivedNow })
      const keep = () =>
        run(
          KEEP,
          [key.stream(source), key.bytes, key.mark(source, mark ?? ''), key.sources],
          [value, maxBytes, mark === null ? '' : '1', keepMs, source, ARRIVED],
        )
      let kept: unknown
      try {
        kept = await keep()
        if (textOf(kept) === 'full') {
          await trim(receivedAtMs - ttlMs)
          kept = await keep()
        }
      } catch (cause) {
        throw new StoreFull(`a callback could not be written: ${messageOf(cause)}`)
      }
      const said = textOf(kept)
      if (said === 'repeated') return null
      if (said === 'full') throw new StoreFull(`more than ${maxBytes} bytes of callbacks are kept`)
      bytes += value.length
      const callback = { ...arrivedNow, id: idOf(said) }
      recent.put(callback, value.length)
      return callback
    },
    arrivals(told) {
      tell = told
    },
    async follow(listener, source, sinceMs) {
      await redis.hset(key.listeners, listener, source)
      const from = `${Math.max(0, sinceMs - 1)}-18446744073709551615`
      await redis.xgroup('CREATE', key.stream(source), listener, from, 'MKSTREAM').catch((error: unknown) => {
        if (!messageOf(error).startsWith('BUSYGROUP')) throw error // it follows already
      })
    },
    async forget(listener) {
      const source = await sourceOf(listener)
      if (source !== null)
        await run(FORGET, [key.stream(source), key.due(listener), key.tried(listener), key.listeners], [listener])
    },
    listeners: () => redis.hkeys(key.listeners),
    async take(listener, most, nowMs, first) {
      const source = await sourceOf(listener)
      if (source === null) return []
      const keys = [key.stream(source), key.due(listener), key.tried(listener)]
      const given = TakenSchema.parse(
        await run(TAKE, keys, [listener, most, nowMs, nowMs + leaseMs, triedOf(0, 0), first]),
      )
      const found: Taken[] = []
      for (const [streamId, value, tried, due] of given) {
        const callback = callbackIn(idOf(streamId.toString()), value)
        if (callback === null) continue
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
    async settle({ listener, callback: { id } }, outcome) {
      await redis
        .multi()
        .zrem(key.due(listener), streamIdOf(id))
        .hdel(key.tried(listener), streamIdOf(id))
        .hset(key.outcomes(id), listener, JSON.stringify(outcome))
        .pexpire(key.outcomes(id), keepMs)
        .exec()
    },
    async postpone({ listener, callback: { id }, sinceMs }, outcome, dueMs) {
      await redis
        .multi()
        .zadd(key.due(listener), dueMs, streamIdOf(id))
        .hset(key.tried(listener), streamIdOf(id), triedOf(outcome.attempts, sinceMs))
        .hset(key.outcomes(id), listener, JSON.stringify(outcome))
        .pexpire(key.outcomes(id), keepMs)
        .exec()
    },
    async again(listener, id, nowMs) {
      const source = await sourceOf(listener)
      if (source === null || (await read(source, id)) === null) return false
      await redis
        .multi()
        .zadd(key.due(listener), nowMs, streamIdOf(id))
        .hset(key.tried(listener), streamIdOf(id), triedOf(0, nowMs))
        .exec()
      return true
    },
    async callback(id) {
      if (!ID.test(id)) return null
      for (const source of await redis.smembers(key.sources)) {
        const found = await read(source, id)
        if (found !== null) return found
      }
      return null
    },
    async latest(before, most) {
      const heads: CallbackHead[] = []
      for (const source of await redis.smembers(key.sources)) {
        let end = before === null ? '+' : `(${streamIdOf(before)}`
        // A few at a time: they come with their bodies.
        for (let left = most; left > 0; ) {
          const count = Math.min(left, LOOKED_AT_ONCE)
          const entries = await redis.xrevrangeBuffer(key.stream(source), end, '-', 'COUNT', count)
          for (const [streamId, [, value]] of entries) {
            end = `(${streamId.toString()}`
            if (value === undefined) continue
            const { body: _, ...head } = callbackOfBytes(value)
            heads.push({ ...head, id: idOf(streamId.toString()) })
          }
          left = entries.length < count ? 0 : left - count
        }
      }
      return heads.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, most)
    },
    async outcomes(id) {
      const all = Object.entries(await redis.hgetall(key.outcomes(id)))
      return new Map(all.map(([listener, text]) => [listener, OutcomeSchema.parse(JSON.parse(text))]))
    },
    trim,
    bytes: () => bytes,
    async close() {
      listening.disconnect()
      await redis.quit()
    },
  }
}

const LOOKED_AT_ONCE = 16

/** An id of ours: the time in milliseconds and the count of a stream's, both in hexadecimal. */
const ID = /^[0-9a-f]{12}[0-9a-f]{6}$/
function idOf(streamId: string): string {
  const [ms = '', count = ''] = streamId.split('-')
  return `${Number(ms).toString(16).padStart(12, '0')}${Number(count).toString(16).padStart(6, '0')}`
}
const streamIdOf = (id: string): string =>
  `${Number.parseInt(id.slice(0, 12), 16)}-${Number.parseInt(id.slice(12), 16)}`

/** Without the command that failed, which ioredis hangs on its errors: a password is among its arguments. */
const plain = (error: unknown): Error => new Error(messageOf(error))

const textOf = (answer: unknown): string => (answer instanceof Buffer ? answer.toString() : String(answer))
