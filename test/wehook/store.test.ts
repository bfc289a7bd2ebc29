import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Arrived, ListedCallback } from '../../src/wehook/callback.ts'
import { openLevelStore } from '../../src/wehook/level-store.ts'
import { openRedisStore } from '../../src/wehook/redis-store.ts'
import { type CallbackStore, StoreFull, type Taken } from '../../src/wehook/store.ts'
import { hasRedis, redisForAll } from './redis-server.ts'

const MAX_BYTES = 20_000
const TTL_MS = 3_600_000
const LIMITS = { maxBytes: MAX_BYTES, holdMs: TTL_MS }
const LEASE_MS = 60_000

const { folder, redis } = await redisForAll()

let nth = 0
let store: CallbackStore
let reopen: () => Promise<void>
const opened: CallbackStore[] = []

const KINDS = [
  {
    kind: 'LevelDB',
    isHere: true,
    open: async () => {
      const path = join(folder, `level-${nth}`)
      return () => openLevelStore({ folder: path, ...LIMITS, broke: () => {}, lockedMs: 0 })
    },
  },
  {
    kind: 'Redis',
    isHere: hasRedis,
    open: async () => {
      await redis?.asked('flushall')
      const url = redis?.url ?? ''
      const limits = { maxBytes: MAX_BYTES, leaseMs: LEASE_MS, holdMs: TTL_MS }
      return () => openRedisStore({ url, password: null, ...limits, failed: () => {} })
    },
  },
]

let at = Date.now()
const arrived = (text: string, more: Partial<Arrived> = {}): Arrived => ({
  ...{ source: 'stripe', receivedAtMs: at, method: 'POST', suffix: '', headers: ['X', 'y'], mark: null },
  ...{ body: Buffer.from(text), ...more },
})
const kept = async (text: string, more: Partial<Arrived> = {}) => {
  const callback = await store.keep(arrived(text, more))
  if (callback === null) throw new Error(`${text} was there already`)
  return callback
}
const taken = async (listener: string, most = 10, nowMs = at): Promise<readonly Taken[]> =>
  store.take(listener, most, MAX_BYTES, nowMs, 'again')
const listed = async (from: CallbackStore): Promise<readonly ListedCallback[]> => {
  const all: ListedCallback[] = []
  for await (const each of from.latest()) all.push(each)
  return all
}
const bodies = (all: readonly Taken[]) => all.map(({ callback }) => Buffer.from(callback.body).toString())
const outcome = (attempts = 1) => ({ state: 'waiting' as const, attempts, atMs: at, tookMs: 3, answer: '503' })

describe('a folder of LevelDB that another has', () => {
  it('is waited for until that one has closed it, as long as it may take', async () => {
    const open = (lockedMs: number) =>
      openLevelStore({ folder: join(folder, 'locked'), ...LIMITS, broke: () => {}, lockedMs })
    const first = await open(0)
    await first.keep(arrived('a'))
    await expect(open(0)).rejects.toThrow()
    const next = open(60_000)
    await first.close()
    const second = await next
    opened.push(second)
    expect(await listed(second)).toHaveLength(1)
  })
})

describe.each(KINDS)('callbacks in $kind', ({ isHere, open }) => {
  const test = it.skipIf(!isHere)
  beforeEach(async () => {
    if (!isHere) return
    nth += 1
    at = Date.now()
    const another = await open()
    reopen = async () => {
      await store.close()
      opened.splice(opened.indexOf(store), 1)
      store = await another()
      opened.push(store)
    }
    store = await another()
    opened.push(store)
  })
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
  })

  test('are given to each listener of their source once, in their order', async () => {
    await store.follow('one', 'stripe', at)
    await store.follow('two', 'stripe', at)
    await store.follow('other', 'github', at)
    for (const text of ['a', 'b', 'c']) await kept(text)
    expect(bodies(await taken('one', 2))).toEqual(['a', 'b'])
    expect(bodies(await taken('one'))).toEqual(['c'])
    expect(await taken('one')).toEqual([])
    expect(bodies(await taken('two'))).toEqual(['a', 'b', 'c'])
    expect(await taken('other')).toEqual([])
  })

  test('come as they were kept, with the id that they got', async () => {
    await store.follow('one', 'stripe', at)
    const body = Buffer.from([0, 255, 13, 10])
    const callback = await kept('', { body, suffix: '/x?y', headers: ['A', 'caf\u00e9', 'a', ''] })
    const [one] = await taken('one')
    expect(one?.callback).toEqual({
      ...arrived('', { body, suffix: '/x?y', headers: ['A', 'caf\u00e9', 'a', ''] }),
      id: callback.id,
    })
    expect(await store.callback(callback.id)).toEqual(one?.callback)
    expect(await store.callback('nothing')).toBeNull()
  })

  test('have an id of their own each, whatever comes at the same moment from whom', async () => {
    const sources = Array.from({ length: 40 }, (_, nth) => (nth % 2 === 0 ? 'stripe' : 'github'))
    const all = await Promise.all(sources.map((source) => kept('a', { source })))
    expect(new Set(all.map(({ id }) => id)).size).toBe(40)
    for (const { id, source } of all) expect(await store.callback(id)).toMatchObject({ id, source })
  })

  test('that are through do not come again; those that are not come after the store was opened anew', async () => {
    await store.follow('one', 'stripe', at)
    for (const text of ['a', 'b', 'c']) await kept(text)
    const all = await taken('one')
    for (const each of all)
      if (bodies([each])[0] !== 'b') await store.settle(each, { ...outcome(), state: 'delivered' })
    await reopen()
    await store.follow('one', 'stripe', at)
    const again = bodies(await taken('one', 10, at + LEASE_MS + 1))
    expect(again).toContain('b')
    expect(again).not.toContain('a')
  })

  test('are given though the clock was set back since all that were there before were trimmed', async () => {
    await store.follow('one', 'stripe', at)
    await kept('a')
    for (const each of await taken('one')) await store.settle(each, { ...outcome(), state: 'delivered' })
    await store.trim(at + 1000)
    await reopen()
    await store.follow('one', 'stripe', at)
    await kept('b', { receivedAtMs: at - 10 * TTL_MS })
    expect(bodies(await taken('one'))).toEqual(['b'])
  })

  test('come again when they are due, with how often they were tried, and not before', async () => {
    await store.follow('one', 'stripe', at)
    await kept('a')
    const [first] = await taken('one')
    if (first === undefined) throw new Error('nothing was given')
    await store.postpone(first, outcome(3), at + 5000)
    expect(await store.nextDueMs('one')).toBe(at + 5000)
    expect(await taken('one', 10, at + 4999)).toEqual([])
    const [again] = await taken('one', 10, at + 5000)
    expect(again).toMatchObject({ attempts: 3, dueMs: at + 5000, sinceMs: at })
    expect(await taken('one', 10, at + 5001)).toEqual([])
    if (again !== undefined) await store.settle(again, { ...outcome(4), state: 'delivered' })
    expect(await taken('one', 10, at + 10 * LEASE_MS)).toEqual([])
    expect(await store.nextDueMs('one')).toBeNull()
  })

  test('are taken in the order that is asked for: what is due again first, or what is new', async () => {
    await store.follow('one', 'stripe', at)
    await kept('a')
    const [first] = await taken('one')
    if (first !== undefined) await store.postpone(first, outcome(), at)
    await kept('b')
    expect(bodies(await store.take('one', 1, MAX_BYTES, at, 'new'))).toEqual(['b'])
    await kept('c')
    expect(bodies(await store.take('one', 2, MAX_BYTES, at, 'again'))).toEqual(['a', 'c'])
  })

  test('are given until they are as many bytes as are asked for, and one at least', async () => {
    await store.follow('one', 'stripe', at)
    const half = 'x'.repeat(1000)
    for (const text of [half, half, half]) await kept(text)
    const some = await store.take('one', 10, 1500, at, 'new')
    expect(some).toHaveLength(2)
    for (const each of some) await store.postpone(each, outcome(), at)
    expect(await store.take('one', 10, 1, at, 'again')).toHaveLength(1)
    expect(await store.take('one', 10, 1500, at, 'again')).toHaveLength(2)
    expect(await taken('one')).toEqual([])
  })

  test('that are asked for again come as new, whatever came of them', async () => {
    await store.follow('one', 'stripe', at)
    const { id } = await kept('a')
    const [first] = await taken('one')
    if (first !== undefined) await store.settle(first, { ...outcome(9), state: 'gave up' })
    expect(await store.again('one', id, at + 7)).toBe(true)
    expect(await taken('one', 10, at + 7)).toMatchObject([{ attempts: 0, sinceMs: at + 7 }])
    expect(await store.again('one', '0'.repeat(id.length), at)).toBe(false)
  })

  test('that wait and are asked for again come at once, and not when they were due as well', async () => {
    await store.follow('one', 'stripe', at)
    const { id } = await kept('a')
    const [first] = await taken('one')
    if (first !== undefined) await store.postpone(first, outcome(3), at + 5000)
    expect(await store.again('one', id, at + 7)).toBe(true)
    expect(await store.again('one', id, at + 8)).toBe(true)
    const [again, ...more] = await taken('one', 10, at + 8)
    expect(again).toMatchObject({ attempts: 0, sinceMs: at + 8 })
    expect(more).toEqual([])
    if (again !== undefined) await store.settle(again, { ...outcome(), state: 'delivered' })
    expect(await taken('one', 10, at + 2 * LEASE_MS)).toEqual([])
    expect(await store.nextDueMs('one')).toBeNull()
  })

  test('that are asked for again while they are tried are tried once more, whatever comes of that', async () => {
    await store.follow('one', 'stripe', at)
    const { id } = await kept('a')
    for (const text of ['for the first time', 'again']) {
      const [tried] = await taken('one', 10, at)
      expect([text, tried?.callback.id]).toEqual([text, id])
      expect(await store.again('one', id, at + 7)).toBe(true)
      at += 5000
      if (tried !== undefined) await store.postpone(tried, outcome(), at)
    }
    const [last, ...more] = await taken('one', 10, at)
    expect(last?.callback.id).toBe(id)
    expect(more).toEqual([])
    if (last !== undefined) await store.settle(last, { ...outcome(), state: 'delivered' })
    expect(await taken('one', 10, at + 2 * LEASE_MS)).toEqual([])
    expect(await store.nextDueMs('one')).toBeNull()
  })

  test('that are asked for again while they are tried come as new, though they were taken', async () => {
    await store.follow('one', 'stripe', at)
    const { id } = await kept('a')
    for (let time = 1; time <= 2; time++) {
      const [tried] = await taken('one', 10, at + time)
      expect([time, tried?.callback.id]).toEqual([time, id])
      expect(await store.again('one', id, at + time + 1)).toBe(true)
      if (tried !== undefined) await store.settle(tried, { ...outcome(), state: 'delivered' })
    }
    const [last, ...more] = await taken('one', 10, at + 3)
    expect(last).toMatchObject({ callback: { id }, attempts: 0, sinceMs: at + 3 })
    expect(more).toEqual([])
    if (last !== undefined) await store.settle(last, { ...outcome(), state: 'delivered' })
    expect(await taken('one', 10, at + 2 * LEASE_MS)).toEqual([])
    expect(await store.nextDueMs('one')).toBeNull()
  })

  test('that are asked for again before they came once do not come twice while they wait', async () => {
    await store.follow('one', 'stripe', at)
    const { id } = await kept('a')
    await kept('b')
    expect(await store.again('one', id, at)).toBe(true)
    expect(bodies(await store.take('one', 10, MAX_BYTES, at, 'new'))).toEqual(['b', 'a'])
    expect(await taken('one', 10, at)).toEqual([])
  })

  test('that are new are given though others in front of them wait to be tried', async () => {
    await store.follow('one', 'stripe', at)
    for (const text of ['a', 'b', 'c']) expect(await store.again('one', (await kept(text)).id, at)).toBe(true)
    await kept('d')
    expect(bodies(await store.take('one', 1, MAX_BYTES, at, 'new'))).toEqual(['d'])
    expect(bodies(await taken('one', 10, at))).toEqual(['a', 'b', 'c'])
  })

  test('with a mark are kept once, at the same moment too, and after the store was opened anew', async () => {
    const both = await Promise.all(['a', 'a'].map((text) => store.keep(arrived(text, { mark: 'm' }))))
    expect(both.filter((each) => each !== null)).toHaveLength(1)
    await reopen()
    expect(await store.keep(arrived('a', { mark: 'm' }))).toBeNull()
    expect(await store.keep(arrived('a', { mark: 'm', source: 'github' }))).not.toBeNull()
  })

  test('with a mark are known as long as they are held, however little room there is, and no longer', async () => {
    const half = 'x'.repeat(MAX_BYTES / 2 - 600)
    await kept(half, { mark: 'm' })
    await kept(half)
    const soon = { receivedAtMs: at + TTL_MS - 1000 }
    await expect(store.keep(arrived(half, soon))).rejects.toThrow(StoreFull)
    expect(await store.keep(arrived(half, { ...soon, mark: 'm' }))).toBeNull()
    const late = { receivedAtMs: at + TTL_MS + 60_000 }
    await kept(half, late)
    expect(await store.keep(arrived('x', { ...late, mark: 'm' }))).not.toBeNull()
  })

  test('reach who follows since before they came, and not who follows since later', async () => {
    await kept('a')
    await store.follow('early', 'stripe', at - 1000)
    await store.follow('late', 'stripe', at + 60_000)
    expect(bodies(await taken('early'))).toEqual(['a'])
    expect(await taken('late')).toEqual([])
  })

  test('reach who follows since a time that the clock has not reached again', async () => {
    await store.follow('first', 'stripe', at + TTL_MS)
    await kept('a')
    await store.follow('one', 'stripe', at + TTL_MS)
    await kept('b', { receivedAtMs: at - 1000 })
    expect(bodies(await taken('first'))).toEqual(['a', 'b'])
    expect(bodies(await taken('one'))).toEqual(['b'])
  })

  test('have listeners of which it is known when a list had them last', async () => {
    for (const name of ['one', 'two', 'three']) await store.follow(name, 'stripe', at)
    await store.listed(['one', 'two'], at)
    await store.listed(['two', 'three'], at - 1000)
    await store.forget('one')
    await store.follow('one', 'stripe', at)
    const lasts = new Map([...(await store.listeners())].toSorted())
    expect(lasts).toEqual(new Map(Object.entries({ one: 0, three: at - 1000, two: at })))
  })

  test('do not come to who was forgotten, nor what it had not had when it follows again', async () => {
    await store.follow('one', 'stripe', at)
    await kept('a')
    const [first] = await taken('one')
    if (first !== undefined) await store.postpone(first, outcome(), at)
    await store.forget('one')
    expect([...(await store.listeners())]).toEqual([])
    expect(await taken('one')).toEqual([])
    await store.follow('one', 'stripe', at + 60_000)
    expect(await taken('one', 10, at + LEASE_MS)).toEqual([])
    expect([...(await store.listeners())]).toEqual([['one', 0]])
  })

  test('are told, latest first, with what came of them', async () => {
    await store.follow('one', 'stripe', at)
    const a = await kept('a')
    const b = await kept('b', { suffix: '/x?y', method: 'PUT' })
    const [first] = await taken('one')
    if (first !== undefined) await store.settle(first, { ...outcome(), state: 'delivered' })
    const { headers: _, body: __, mark: ___, ...inList } = b
    expect(await listed(store)).toEqual([inList, expect.objectContaining({ id: a.id })])
    expect(Object.fromEntries(await store.outcomes(a))).toMatchObject({ one: { state: 'delivered', answer: '503' } })
    expect((await store.outcomes(b)).size).toBe(0)
  })

  test('of several sources are one list, however many', async () => {
    const all: string[] = []
    for (let nth = 0; nth < 40; nth++)
      all.unshift((await kept('a', { source: nth % 3 === 0 ? 'stripe' : 'github' })).id)
    expect((await listed(store)).map(({ id }) => id)).toEqual(all)
  })

  test('that are more than may be kept are refused, unless there is something old to forget', async () => {
    const half = 'x'.repeat(MAX_BYTES / 2 - 400)
    await kept(half)
    await kept(half)
    await expect(store.keep(arrived(half))).rejects.toThrow(StoreFull)
    const late = { receivedAtMs: at + TTL_MS + 60_000 }
    const many = await Promise.all(Array.from({ length: 4 }, () => store.keep(arrived('small', late))))
    expect(many.every((each) => each !== null)).toBe(true)
    expect(store.bytes()).toBeGreaterThan(0)
    expect(store.bytes()).toBeLessThanOrEqual(MAX_BYTES)
    await store.trim(at + 2 * TTL_MS)
    expect(store.bytes()).toBe(0)
    expect(await listed(store)).toEqual([])
    expect((await kept(half)).id).toMatch(/^[0-9a-f]+$/)
  })
})
