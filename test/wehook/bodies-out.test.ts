/** The bodies that are out at the same time: how many bytes they are, and who waits for whom. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer } from '../../src/wehook/attempt.ts'
import { openBodiesOut } from '../../src/wehook/bodies-out.ts'
import type { Callback } from '../../src/wehook/callback.ts'
import { takeMaxBytes } from '../../src/wehook/lane.ts'
import { type Lanes, openLanes } from '../../src/wehook/lanes.ts'
import { openLevelStore } from '../../src/wehook/level-store.ts'
import type { Listener } from '../../src/wehook/listener.ts'
import type { CallbackStore } from '../../src/wehook/store.ts'

const BODY_BYTES = 600_000
const OUT_MAX_BYTES = 10_000_000
const CALLBACKS = 30
const MANY = 20
const TTL_MS = 3_600_000

let folder: string
let store: CallbackStore
let startMs: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  startMs = Date.now() - CALLBACKS * 1000
  const kept = await open()
  const about = { source: 'stripe', method: 'POST', suffix: '', mark: null, headers: [] }
  const all = Array.from({ length: CALLBACKS }, (_, nth) => ({
    ...{ ...about, receivedAtMs: startMs + nth * 1000, body: Buffer.alloc(BODY_BYTES, nth) },
  }))
  await Promise.all(all.map((each) => kept.keep(each)))
  await kept.close()
  store = await open() // nothing of it is in memory
})
const open = () => openLevelStore({ folder, maxBytes: 10 ** 9, holdMs: TTL_MS, lockedMs: 0, broke: () => {} })

let lanes: Lanes
afterEach(async () => {
  await lanes.close()
  await store.close()
  await rm(folder, { recursive: true })
})

/** Previews that answer as is said, and what they have of bodies until they do. */
function given(answer: (listener: Listener, callback: Callback, signal: AbortSignal) => Promise<Answer>) {
  const out = new Map<Uint8Array, number>()
  const had = new Map<string, Set<string>>()
  const peak = { bytes: 0 }
  lanes = openLanes({
    ...{
      store,
      ttlMs: TTL_MS,
      absentMaxMs: TTL_MS,
      now: Date.now,
      tried: () => {},
      failed: (_, error) => expect.fail(String(error)),
    },
    bodies: openBodiesOut({ maxBytes: OUT_MAX_BYTES, takeMaxBytes: takeMaxBytes(BODY_BYTES) }),
    async attempt(listener, callback, _, signal) {
      const { body } = callback
      out.set(body, (out.get(body) ?? 0) + 1)
      const bytes = [...out.keys()].reduce((sum, { length }) => sum + length, 0)
      peak.bytes = Math.max(peak.bytes, bytes)
      const said = await answer(listener, callback, signal)
      out.set(body, (out.get(body) ?? 0) - 1)
      if (out.get(body) === 0) out.delete(body)
      had.set(listener.name, (had.get(listener.name) ?? new Set()).add(callback.id))
      return said
    },
  })
  return { peak, out, had: (name: string) => had.get(name)?.size ?? 0 }
}

const listener = (name: string, first: number): Listener => ({
  ...{ name, preview: name, source: 'stripe', url: new URL(`http://${name}.test`), host: null },
  sinceMs: startMs + first * 1000,
})
/** Each begins with another callback, so that they share none. */
const apart = () => Array.from({ length: MANY }, (_, nth) => listener(`preview-${nth}`, nth))
const TAKEN: Answer = { kind: 'taken', words: '200' }
const ended = async (signal: AbortSignal): Promise<Answer> => {
  if (!signal.aborted) await once(signal, 'abort')
  return { kind: 'unreached', words: 'ended' }
}

describe('the bodies that are out', () => {
  it('are no more bytes than is said, with previews that hang at once; none that answers waits for those', async () => {
    const { peak, out, had } = given(async (to, _, signal) => (to.name === 'answers' ? TAKEN : await ended(signal)))
    await lanes.set(apart(), new Set(), Date.now())
    // The hanging ones have all the room that there is.
    await vi.waitFor(() => expect(out.size * BODY_BYTES).toBeGreaterThan(OUT_MAX_BYTES / 4), { timeout: 20_000 })
    await lanes.set([...apart(), listener('answers', 0)], new Set(), Date.now())
    await vi.waitFor(() => expect(had('answers')).toBe(CALLBACKS), { timeout: 20_000 })
    await vi.waitFor(() => expect(out.size * BODY_BYTES).toBeGreaterThan(OUT_MAX_BYTES / 4), { timeout: 20_000 })
    expect(peak.bytes).toBeLessThanOrEqual(OUT_MAX_BYTES)
  })

  it('keep no preview that is back waiting, whatever hangs, each with another', async () => {
    const taken = new Set<string>()
    const back = listener('returns', 0)
    let isAway = true
    const { peak, out, had } = given(async (to, { id }, signal) => {
      if (to.name !== back.name) return await ended(signal)
      if (isAway) return { kind: 'unreached', words: '503' }
      taken.add(id)
      return TAKEN
    })
    const hanging = Array.from({ length: CALLBACKS }, (_, nth) => listener(`hangs-${nth}`, nth))
    await lanes.set([back], new Set(), Date.now())
    await vi.waitFor(() => expect(had(back.name)).toBeGreaterThan(0), { timeout: 20_000 })
    await lanes.set([...hanging, back], new Set(), Date.now())
    // The hanging ones have both halves.
    await vi.waitFor(() => expect(out.size * BODY_BYTES).toBeGreaterThan(OUT_MAX_BYTES * 0.8), { timeout: 20_000 })
    isAway = false
    await vi.waitFor(() => expect(taken.size).toBe(CALLBACKS), { timeout: 20_000 })
    expect(peak.bytes).toBeLessThanOrEqual(OUT_MAX_BYTES)
  })

  it('are one where all previews are handed the same', async () => {
    const { out } = given(async (_, __, signal) => await ended(signal))
    const together = apart().map(({ name }) => listener(name, 0))
    await lanes.set(together, new Set(), Date.now())
    await vi.waitFor(() => expect([...out.values()]).toEqual([MANY]), { timeout: 20_000 })
  })

  it('wait for each other, and all come to be out', async () => {
    const { peak, had } = given(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return TAKEN
    })
    await lanes.set(apart(), new Set(), Date.now())
    await vi.waitFor(
      () => expect(apart().map(({ name }) => had(name))).toEqual(apart().map((_, nth) => CALLBACKS - nth)),
      { timeout: 20_000 },
    )
    expect(peak.bytes).toBeLessThanOrEqual(OUT_MAX_BYTES)
  })
})
