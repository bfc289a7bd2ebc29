import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import type { Callback } from '../../src/wehook/callback.ts'
import { openLevelStore } from '../../src/wehook/level-store.ts'
import { ENTRY_BYTES, MARK_BYTES, OUTCOME_BYTES, WAITING_BYTES } from '../../src/wehook/redis-scripts.ts'
import { openRedisStore } from '../../src/wehook/redis-store.ts'
import type { CallbackStore, Taken } from '../../src/wehook/store.ts'
import { hasRedis, redisForAll } from './redis-server.ts'

const HOUR_MS = 3_600_000
const LIMITS = { maxBytes: 10_000_000, holdMs: HOUR_MS }
const LEASE_MS = HOUR_MS

const { folder, redis } = await redisForAll()

interface Place {
  open(): Promise<CallbackStore>
  /** What is there, counted anew. The store is closed. */
  recount(): Promise<number>
}

let nth = 0
const KINDS = [
  {
    kind: 'LevelDB',
    isHere: true,
    place: async (): Promise<Place> => {
      nth += 1
      const path = join(folder, `level-${nth}`)
      return {
        open: () => openLevelStore({ folder: path, ...LIMITS, broke: () => {}, lockedMs: 0 }),
        async recount() {
          const db = new ClassicLevel<string, Buffer>(path, { valueEncoding: 'buffer' })
          let bytes = 0
          for await (const [key, value] of db.iterator()) {
            if (key !== 'bytes' && !key.startsWith('g\0')) bytes += Buffer.byteLength(key) + value.length
          }
          await db.close()
          return bytes
        },
      }
    },
  },
  {
    kind: 'Redis',
    isHere: hasRedis,
    place: async (): Promise<Place> => {
      const url = redis?.url ?? ''
      await redis?.asked('flushall')
      const limits = { ...LIMITS, leaseMs: LEASE_MS }
      return {
        open: () => openRedisStore({ url, password: null, ...limits, failed: () => {} }),
        async recount() {
          const client = new Redis(url)
          let bytes = 0
          for (const key of await client.keys('wehook:*')) {
            const kind = key.split(':')[1]
            if (kind === 'm') bytes += MARK_BYTES
            if (kind === 'o') bytes += OUTCOME_BYTES * (await client.hlen(key))
            if (kind === 'r') bytes += WAITING_BYTES * (await client.zcard(key))
            if (kind !== 'c') continue
            for (const [, [, value]] of await client.xrangeBuffer(key, '-', '+')) {
              bytes += ENTRY_BYTES + (value?.length ?? 0)
            }
          }
          await client.quit()
          return bytes
        },
      }
    },
  },
]

const SOURCES = ['stripe', 'github'] as const
const nat = fc.nat({ max: 20 })
/** What providers and the clock do. */
const KeeperStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('keep' as const), many: fc.integer({ min: 1, max: 4 }), nat }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('keep marked' as const), many: fc.constant(2), nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), many: fc.constant(0), nat }) },
)
/** What a lane does with its listener, and people with it. */
const LaneStep = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant('take' as const) },
    { weight: 4, arbitrary: fc.constant('settle' as const) },
    { weight: 4, arbitrary: fc.constant('postpone' as const) },
    { weight: 3, arbitrary: fc.constant('again' as const) },
    { weight: 1, arbitrary: fc.constant('forget and follow' as const) },
  ),
  nat,
})
const Run = fc.record({
  keeper: fc.array(KeeperStep, { minLength: 5, maxLength: 30 }),
  lanes: fc.array(fc.array(LaneStep, { maxLength: 40 }), { minLength: 2, maxLength: 4 }),
  isReopened: fc.boolean(),
})

const msOf = (id: string) => Number.parseInt(id.slice(0, 12), 16)

/** What is there by what was asked for. */
class Model {
  readonly kept: Callback[] = []
  private trimmedBeforeMs = 0
  private goneBeforeMs = 0
  async trim(store: CallbackStore, beforeMs: number) {
    this.trimmedBeforeMs = Math.max(this.trimmedBeforeMs, beforeMs)
    await store.trim(beforeMs)
    this.goneBeforeMs = Math.max(this.goneBeforeMs, beforeMs)
  }
  /** Whether it is not there for sure: what is being trimmed may be. */
  isGone({ id }: Pick<Callback, 'id'>) {
    return msOf(id) < this.goneBeforeMs
  }
  isThere({ id }: Pick<Callback, 'id'>) {
    return msOf(id) >= this.trimmedBeforeMs
  }
  isRepeated(source: string, mark: string) {
    return this.kept.some((each) => each.source === source && each.mark === mark && this.isThere(each))
  }
}

async function runKeeper(
  store: CallbackStore,
  model: Model,
  steps: readonly (typeof KeeperStep extends fc.Arbitrary<infer Step> ? Step : never)[],
): Promise<void> {
  for (const { kind, many, nat: which } of steps) {
    if (kind === 'trim') {
      const one = model.kept[which]
      if (one === undefined) continue
      await model.trim(store, msOf(one.id) + 1)
      continue
    }
    const source = SOURCES[which % SOURCES.length] ?? 'stripe'
    const mark = kind === 'keep' ? null : `mark ${which}`
    const isRepeated = mark !== null && model.isRepeated(source, mark)
    const body = Buffer.alloc(which)
    const one = { source, mark, receivedAtMs: Date.now(), method: 'POST', suffix: '', headers: [], body }
    const all = await Promise.all(Array.from({ length: many }, () => store.keep(one)))
    const kept = all.filter((each) => each !== null)
    expect(kept.length).toBe(mark === null ? many : isRepeated ? 0 : 1)
    model.kept.push(...kept)
  }
}

/** One listener, and what is known of it. */
class Lane {
  private nowMs = Date.now()
  private sinceMs = 0
  private holding: Taken[] = []
  private done = new Map<string, string>()
  private readonly outcomes = new Map<string, string>()
  /** It may come once more than it has to. */
  private readonly may = new Set<string>()
  private readonly must = new Set<string>()
  private readonly had = new Set<string>()
  /** It was asked for again before it came: it may come for both. */
  private readonly mayBoth = new Set<string>()
  readonly name: string
  readonly source: string
  private readonly model: Model

  constructor(name: string, source: string, model: Model) {
    this.name = name
    this.source = source
    this.model = model
  }

  async take(store: CallbackStore, most: number, first: 'again' | 'new'): Promise<number> {
    const taken = await store.take(this.name, most, LIMITS.maxBytes, this.nowMs, first)
    expect(taken.length).toBeLessThanOrEqual(most)
    for (const each of taken) {
      const { id, source } = each.callback
      expect(source).toBe(this.source)
      this.had.add(id)
      if (this.may.has(id)) continue
      expect([id, this.done.has(id)]).toEqual([id, false])
      expect([id, this.holding.some(({ callback }) => callback.id === id)]).toEqual([id, false])
    }
    this.holding.push(...taken)
    return taken.length
  }

  async end(store: CallbackStore, which: number, dueMs: number | null): Promise<void> {
    const [taken] = this.holding.splice(which % Math.max(1, this.holding.length), 1)
    if (taken === undefined) return
    const { id } = taken.callback
    const answer = `${which} at ${this.nowMs}`
    const attempts = taken.attempts + 1
    const about = { attempts, atMs: this.nowMs, tookMs: 1, answer }
    if (dueMs === null) {
      await store.settle(taken, { state: 'delivered', ...about })
      this.done.set(id, answer)
      this.must.delete(id)
    } else await store.postpone(taken, { state: 'waiting', ...about }, dueMs)
    this.outcomes.set(id, answer)
  }

  async again(store: CallbackStore, which: number): Promise<void> {
    const seen = this.model.kept.filter(({ id }) => this.had.has(id))
    const callback = seen.length > 0 && which % 3 > 0 ? seen[which % seen.length] : this.model.kept[which]
    if (callback === undefined || callback.source !== this.source) return
    const { id } = callback
    const isHeld = this.holding.some((taken) => taken.callback.id === id)
    const wasGone = this.model.isGone(callback)
    this.may.add(id)
    if (!this.had.has(id)) this.mayBoth.add(id)
    const isAgain = await store.again(this.name, id, this.nowMs)
    if (wasGone) expect(isAgain).toBe(false)
    if (isAgain && !isHeld) this.must.add(id)
  }

  async forgetAndFollow(store: CallbackStore, which: number): Promise<void> {
    await store.forget(this.name)
    expect(await store.take(this.name, 10, LIMITS.maxBytes, this.nowMs, 'new')).toEqual([])
    this.holding = []
    this.done.clear()
    this.must.clear()
    this.had.clear()
    const since = this.model.kept[which]
    this.sinceMs = since === undefined ? 0 : msOf(since.id)
    await store.follow(this.name, this.source, this.sinceMs)
  }

  async step(store: CallbackStore, kind: string, which: number): Promise<void> {
    this.nowMs += which
    switch (kind) {
      case 'take':
        await this.take(store, 1 + (which % 6), which % 2 === 0 ? 'new' : 'again')
        return
      case 'settle':
        return this.end(store, which, null)
      case 'postpone':
        return this.end(store, which, this.nowMs + (which % 3) * 10)
      case 'again':
        return this.again(store, which)
      default:
        return this.forgetAndFollow(store, which)
    }
  }

  /** All that is left comes, and nothing else. @param isReopened what came before that may come again */
  async drain(store: CallbackStore, isReopened: boolean): Promise<void> {
    const isDue = ({ source, id, ...more }: Callback) =>
      source === this.source &&
      this.model.isThere({ id, ...more } as Callback) &&
      (this.must.has(id) || (msOf(id) >= this.sinceMs && !this.done.has(id)))
    const due = new Set(this.model.kept.filter(isDue).map(({ id }) => id))
    const had = new Set(this.done.keys())
    if (isReopened) {
      this.holding = []
      for (const id of had) this.may.add(id)
    }
    this.nowMs += 2 * LEASE_MS
    while (this.holding.length > 0) await this.end(store, 0, this.nowMs)
    const came = new Set<string>()
    for (let dueMs: number | null = 0; dueMs !== null; dueMs = await store.nextDueMs(this.name)) {
      while ((await this.take(store, 7, 'again')) > 0) {
        for (const { callback } of this.holding) {
          if (!this.mayBoth.has(callback.id)) expect([callback.id, came.has(callback.id)]).toEqual([callback.id, false])
          came.add(callback.id)
        }
        while (this.holding.length > 0) await this.end(store, 0, null)
      }
    }
    expect([...due].filter((id) => !came.has(id))).toEqual([])
    expect([...came].filter((id) => !due.has(id) && !this.may.has(id))).toEqual([])
  }

  /** What came of each callback is known as it was said last, and of none that is gone. */
  async isNoted(store: CallbackStore): Promise<void> {
    for (const callback of this.model.kept) {
      const noted = (await store.outcomes(callback)).get(this.name)?.answer
      const said = this.model.isThere(callback) ? this.outcomes.get(callback.id) : undefined
      if (callback.source === this.source) expect([callback.id, noted]).toEqual([callback.id, said])
    }
  }
}

it.each(KINDS.filter(({ isHere }) => isHere))(
  'in $kind, each listener gets what it has not had, and the bytes are those that are there, whatever happens at once',
  async ({ place }) => {
    await fc.assert(
      fc.asyncProperty(Run, async ({ keeper, lanes: steps, isReopened }) => {
        const here = await place()
        let store = await here.open()
        const reopen = async () => {
          await store.close()
          const bytes = await here.recount()
          store = await here.open()
          expect(store.bytes()).toBe(bytes)
        }
        try {
          const model = new Model()
          const lanes = steps.map((_, at) => new Lane(`lane ${at}`, SOURCES[at % SOURCES.length] ?? 'stripe', model))
          for (const lane of lanes) await store.follow(lane.name, lane.source, 0)
          await Promise.all([
            runKeeper(store, model, keeper),
            ...lanes.map(async (lane, at) => {
              for (const { kind, nat: which } of steps[at] ?? []) await lane.step(store, kind, which)
            }),
          ])
          if (isReopened) await reopen()
          for (const lane of lanes) if (isReopened) await store.follow(lane.name, lane.source, 0)
          await Promise.all(lanes.map((lane) => lane.drain(store, isReopened)))
          await reopen()
          for (const lane of lanes) await lane.isNoted(store)
          await store.trim(Date.now() + HOUR_MS)
          expect(store.bytes()).toBe(0)
        } finally {
          await store.close()
        }
      }),
      { numRuns: 20 },
    )
  },
  300_000,
)
