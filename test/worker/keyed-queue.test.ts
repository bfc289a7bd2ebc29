import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyedQueueOptions, keyedQueue } from '../../src/worker/keyed-queue.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'

type Next = Awaited<ReturnType<KeyedQueueOptions<string>['work']>>
const DONE: Next = { kind: 'done' }

/** A queue of keys that are not outdated unless said; a work that fails fails the test. */
function queueOf(
  options: Pick<KeyedQueueOptions<string>, 'concurrency' | 'work' | 'after'> & Partial<KeyedQueueOptions<string>>,
) {
  return keyedQueue<string>({
    textOf: (key) => key,
    lineOf: () => 'one',
    isOutdated: async () => false,
    outdated: () => new Error('outdated'),
    onError: (_, error) => {
      throw error
    },
    ...options,
  })
}

/** A queue whose works end when the test says so. */
function given({ concurrency = 2, lineOf = (_key: string): string => 'one' } = {}) {
  const clock = virtualClock()
  const begun: string[] = []
  const open = new Map<string, (next: Next) => void>()
  const failuresOf: number[] = []
  const outdated = new Set<string>()
  const queue = queueOf({
    lineOf,
    concurrency,
    work: (key, failures, signal) =>
      new Promise((resolve) => {
        begun.push(key)
        failuresOf.push(failures)
        open.set(key, resolve)
        signal.addEventListener('abort', () => resolve(DONE))
      }),
    isOutdated: async (key) => outdated.has(key),
    after: clock.after,
  })
  const finish = async (key: string, next: Next = DONE) => {
    open.get(key)?.(next)
    await clock.advance(0)
  }
  return { clock, begun, queue, finish, failuresOf, outdated }
}

describe('the queue', () => {
  it('holds a key once', async () => {
    const { clock, begun, queue, finish } = given({ concurrency: 1 })
    queue.enqueue('other')
    for (let nth = 0; nth < 5; nth++) queue.enqueue('a')
    await clock.advance(0)
    await finish('other')
    await finish('a')
    expect(begun).toEqual(['other', 'a'])
    expect(queue.isIdle()).toBe(true)
  })

  it('runs a key that arrives while its work is under way once more, once', async () => {
    const { clock, begun, queue, finish } = given()
    queue.enqueue('a')
    await clock.advance(0)
    for (let nth = 0; nth < 5; nth++) queue.enqueue('a')
    expect(begun).toEqual(['a'])
    await finish('a')
    expect(begun).toEqual(['a', 'a'])
    await finish('a')
    expect(begun).toEqual(['a', 'a'])
  })

  it('works on no more keys at once than it has slots, and a key that waits for its time takes none', async () => {
    const { clock, begun, queue, finish } = given({ concurrency: 1 })
    queue.enqueue('a')
    queue.enqueue('b')
    await clock.advance(0)
    expect(begun).toEqual(['a'])
    await finish('a', { kind: 'again', afterMs: 60_000 })
    expect(begun).toEqual(['a', 'b'])
    expect(queue.sizes()).toEqual({ waiting: 0, working: 1, later: 1 })
    await finish('b')
    await clock.advance(60_000)
    expect(begun).toEqual(['a', 'b', 'a'])
  })

  it('brings a key that waits for its time forward when something changes', async () => {
    const { clock, begun, queue, finish } = given()
    queue.enqueue('a')
    await clock.advance(0)
    await finish('a', { kind: 'again', afterMs: 60_000 })
    queue.enqueue('a')
    await clock.advance(0)
    expect(begun).toEqual(['a', 'a'])
    await finish('a')
    await clock.advance(120_000)
    expect(begun).toEqual(['a', 'a'])
  })

  it('counts failures in a row', async () => {
    const { clock, queue, finish, failuresOf } = given()
    queue.enqueue('a')
    await clock.advance(0)
    await finish('a', { kind: 'retry', afterMs: 10 })
    await clock.advance(10)
    await finish('a', { kind: 'retry', afterMs: 10 })
    await clock.advance(10)
    await finish('a')
    queue.enqueue('a')
    await clock.advance(0)
    expect(failuresOf).toEqual([0, 1, 2, 0])
  })

  it('ends work that a nudge finds outdated, and works on the key again', async () => {
    const { clock, begun, queue, outdated } = given()
    queue.enqueue('a')
    await clock.advance(0)
    outdated.add('a')
    queue.nudge('a')
    await clock.advance(0)
    expect(begun).toEqual(['a', 'a'])
  })

  it('lets work go on that a nudge does not find outdated', async () => {
    const { clock, begun, queue } = given()
    queue.enqueue('a')
    await clock.advance(0)
    queue.nudge('a')
    await clock.advance(0)
    expect(begun).toEqual(['a'])
  })

  it('drains: begins nothing new, and aborts what has not ended after the grace', async () => {
    const { clock, begun, queue } = given({ concurrency: 1 })
    queue.enqueue('a')
    queue.enqueue('b')
    await clock.advance(0)
    let isDrained = false
    const drained = queue.drain(5_000).then(() => {
      isDrained = true
    })
    await clock.advance(4_000)
    expect(isDrained).toBe(false)
    await clock.advance(1_000)
    await drained
    queue.enqueue('c')
    await clock.advance(0)
    expect(begun).toEqual(['a'])
  })

  it('gives the slot of work that only waits for others to the next key, and lets it in again before those', async () => {
    const clock = virtualClock()
    const seen: string[] = []
    const doors = new Map<string, () => void>()
    const door = (name: string) => new Promise<void>((open) => doors.set(name, open))
    const queue = queueOf({
      concurrency: 1,
      async work(key, _failures, _signal, outside) {
        seen.push(`${key} begins`)
        if (key === 'a') await outside(() => door('push'))
        else await door(key)
        seen.push(`${key} ends`)
        return DONE
      },
      after: clock.after,
    })
    for (const key of ['a', 'b', 'c']) queue.enqueue(key)
    await clock.advance(0)
    expect(seen).toEqual(['a begins', 'b begins'])
    doors.get('push')?.()
    await clock.advance(0)
    expect(seen).toEqual(['a begins', 'b begins'])
    expect(queue.sizes()).toEqual({ waiting: 1, working: 2, later: 0 })
    doors.get('b')?.()
    await clock.advance(0)
    expect(seen).toEqual(['a begins', 'b begins', 'b ends', 'a ends', 'c begins'])
    doors.get('c')?.()
    await clock.advance(0)
    expect(queue.isIdle()).toBe(true)
  })

  it('gives slots to each line in turn, however many keys wait in one', async () => {
    const { clock, begun, queue, finish } = given({ concurrency: 1, lineOf: (key) => key.slice(0, 1) })
    for (let nth = 0; nth < 50; nth++) queue.enqueue(`a${nth}`)
    queue.enqueue('b0')
    await clock.advance(0)
    await finish('a0')
    await finish('a1')
    expect(begun).toEqual(['a0', 'a1', 'b0'])
    await finish('b0')
    expect(begun.at(-1)).toBe('a2')
  })

  it('lets work that is outdated while it waits outside end without a slot', async () => {
    const clock = virtualClock()
    const seen: string[] = []
    const queue = queueOf({
      concurrency: 1,
      async work(key, _failures, signal, outside) {
        seen.push(`${key} begins`)
        await (key === 'a' ? outside(() => aborted(signal)) : aborted(signal))
        seen.push(`${key} ends`)
        return DONE
      },
      isOutdated: async (key) => key === 'a',
      after: clock.after,
    })
    queue.enqueue('a')
    queue.enqueue('b')
    await clock.advance(0)
    queue.nudge('a')
    await clock.advance(0)
    expect(seen).toEqual(['a begins', 'b begins', 'a ends'])
    expect(queue.sizes()).toEqual({ waiting: 1, working: 1, later: 0 })
  })

  it('works on every key after it was asked for last, never twice at once, in no more slots than it has', async () => {
    const keys = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.record({ key: fc.constantFrom(...keys), how: fc.nat(5), ms: fc.integer({ min: 0, max: 50 }) }), {
          maxLength: 40,
        }),
        fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
        async (concurrency, asks, chance) => {
          const clock = virtualClock()
          const any = () => chance.next().value
          const sleep = (ms: number) => new Promise<void>((wake) => clock.after(ms, wake))
          const atWork = new Set<string>()
          const owed = new Set<string>()
          let inSlots = 0
          const queue = queueOf({
            lineOf: (key) => key.slice(0, 1),
            concurrency,
            async work(key, _failures, _signal, outside) {
              expect(atWork).not.toContain(key)
              atWork.add(key)
              owed.delete(key)
              inSlots++
              expect(inSlots).toBeLessThanOrEqual(concurrency)
              await sleep(any())
              if (any() < 50) {
                inSlots--
                await outside(() => sleep(any()))
                inSlots++
                expect(inSlots).toBeLessThanOrEqual(concurrency)
                await sleep(any())
              }
              inSlots--
              atWork.delete(key)
              return any() < 25 ? { kind: 'again', afterMs: any() } : DONE
            },
            after: clock.after,
          })
          for (const { key, how, ms } of asks) {
            owed.add(key)
            if (how === 0) queue.nudge(key)
            else queue.enqueue(key)
            await clock.advance(ms)
          }
          await clock.advance(60_000)
          expect([...owed]).toEqual([])
          expect(queue.isIdle()).toBe(true)
          expect(queue.sizes()).toEqual({ waiting: 0, working: 0, later: 0 })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('ends while work waits outside, and waits for it', async () => {
    const clock = virtualClock()
    let open = () => {}
    const ended: string[] = []
    const queue = queueOf({
      concurrency: 1,
      async work(key, _failures, _signal, outside) {
        if (key === 'a') await outside(() => new Promise<void>((done) => (open = done)))
        else await new Promise(() => {})
        ended.push(key)
        return DONE
      },
      after: clock.after,
    })
    queue.enqueue('a')
    await clock.advance(0)
    let isDrained = false
    void queue.drain(1000).then(() => {
      isDrained = true
    })
    await clock.advance(0)
    expect(isDrained).toBe(false)
    open()
    await clock.advance(0)
    expect({ isDrained, ended }).toEqual({ isDrained: true, ended: ['a'] })
  })
})

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
