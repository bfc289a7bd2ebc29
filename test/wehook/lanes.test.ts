/** The lanes of previews, where these go or the clock does. */
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBodiesOut } from '../../src/wehook/bodies-out.ts'
import type { Callback } from '../../src/wehook/callback.ts'
import { type LaneOptions, openLane } from '../../src/wehook/lane.ts'
import { openLanes } from '../../src/wehook/lanes.ts'
import { openLevelStore } from '../../src/wehook/level-store.ts'
import type { Listener } from '../../src/wehook/listener.ts'
import type { CallbackStore } from '../../src/wehook/store.ts'

const TTL_MS = 3_600_000

let folder: string
let store: CallbackStore
let kept: Callback | null
let about: Omit<LaneOptions, 'attempt'>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const limits = { maxBytes: 10 ** 6, holdMs: TTL_MS, lockedMs: 0 }
  store = await openLevelStore({ folder, ...limits, broke: (error) => expect.fail(String(error)) })
  const bodies = openBodiesOut({ maxBytes: 10 ** 6, takeMaxBytes: 10 ** 5 })
  const failed = (_: string, error: unknown) => expect.fail(String(error))
  about = { store, bodies, now: Date.now, ttlMs: TTL_MS, tried: () => {}, failed }
  kept = await keepOne()
})
const keepOne = () => {
  const callback = { source: 'stripe', receivedAtMs: Date.now(), method: 'POST', suffix: '', mark: null, headers: [] }
  return store.keep({ ...callback, body: Buffer.from('{}') })
}
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const listenerOf = (preview: string): Listener => ({
  ...{ name: `${preview} stripe /`, preview, source: 'stripe', url: new URL('http://shop.test'), host: null },
  sinceMs: 0,
})

describe('lanes of previews that are not there any more', () => {
  it('end at once where those hang, and what they were just given is given again when those are back', async () => {
    const listener = listenerOf('shop/pr-1')
    const { name } = listener
    await store.follow(name, 'stripe', 0)
    const at = new EventEmitter()
    const [asked, given] = [once(at, 'asked'), once(at, 'given')]
    const lane = openLane(listener, {
      ...about,
      store: {
        ...store,
        async take(...args) {
          const all = await store.take(...args)
          at.emit('asked')
          await given
          return all
        },
      },
      async attempt(_, __, ___, signal) {
        if (!signal.aborted) await once(signal, 'abort')
        return { kind: 'unreached', words: 'ended' }
      },
    })
    lane.wake()
    await asked
    const closed = lane.close(0)
    setTimeout(() => at.emit('given'), 1) // after the lane's own: Node.js runs timers of one length in their order
    await closed
    await store.follow(name, 'stripe', 0)
    expect(await store.take(name, 10, 10 ** 6, Date.now(), 'again')).toMatchObject([{ attempts: 0 }])
  })

  it('keep no other preview waiting, however long they take to end', async () => {
    const [gone, next] = [listenerOf('shop/pr-1'), listenerOf('shop/pr-2')]
    const at = new EventEmitter()
    const [begun, taken, timedOut] = [once(at, gone.name), once(at, next.name), once(at, 'timed out')]
    const lanes = openLanes({
      ...about,
      absentMaxMs: 0,
      async attempt({ name }) {
        at.emit(name)
        if (name === next.name) return { kind: 'taken', words: '200' }
        await timedOut // as a connection to an address that says nothing does
        return { kind: 'unreached', words: 'Connect Timeout Error' }
      },
    })
    await lanes.set([gone], new Set(), Date.now())
    await begun
    await lanes.set([next], new Set(), Date.now())
    await taken
    const ended = lanes.close()
    at.emit('timed out')
    await ended
  })
})

it('a preview that moves to another host gets there what waits, though another can not be forgotten', async () => {
  const [gone, moving] = [listenerOf('shop/pr-1'), listenerOf('shop/pr-2')]
  await store.follow(gone.name, 'stripe', 0)
  const at = new EventEmitter()
  const taken = once(at, 'http://moved.test')
  let nowMs = Date.now()
  const lanes = openLanes({
    ...about,
    store: { ...store, forget: () => Promise.reject(new Error('Redis is away')) },
    now: () => nowMs,
    absentMaxMs: 60_000,
    async attempt({ url }) {
      at.emit(url.origin)
      return url.origin === 'http://moved.test' ? { kind: 'taken', words: '200' } : { kind: 'not taken', words: '500' }
    },
  })
  await lanes.set([gone, moving], new Set(), nowMs)
  await lanes.set([moving], new Set(), nowMs)
  nowMs += 120_000
  const moved = { ...moving, url: new URL('http://moved.test') }
  await expect(lanes.set([moved], new Set(), nowMs)).rejects.toThrow('Redis is away')
  await taken
  await lanes.close()
})

it('a clock that is set back keeps nothing from a preview that was away for a moment', async () => {
  const listener = listenerOf('shop/pr-1')
  await store.follow(listener.name, 'stripe', 0)
  let nowMs = Date.now()
  const at = new EventEmitter()
  const [waiting, delivered] = [once(at, 'waiting'), once(at, 'delivered')]
  const lane = openLane(listener, {
    ...about,
    now: () => nowMs,
    tried: (_, { state }) => at.emit(state),
    attempt: async (_, { id }) =>
      id === kept?.id ? { kind: 'unreached', words: '503' } : { kind: 'taken', words: '200' },
  })
  lane.wake()
  await waiting
  nowMs -= 3_600_000
  await keepOne()
  lane.wake()
  await delivered
  await lane.close(0)
})
