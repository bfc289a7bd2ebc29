import { afterEach, expect, it, vi } from 'vitest'
import { workerPool } from '../../src/prepare-worker/worker-pool.ts'

/** A pool whose workers are numbers, in the order in which they were started. */
function given(size: number) {
  const [dead, ended]: [Set<number>, number[]] = [new Set(), []]
  let started = 0
  const pool = workerPool<number>({
    size,
    start: async () => started++,
    isAlive: (worker) => !dead.has(worker),
    end: async (worker) => void ended.push(worker),
    failed: (error) => {
      throw error
    },
  })
  const workerFor = (owner: number) => pool.use(owner, async (worker) => worker)
  return { pool, dead, ended, workerFor }
}

it('gives an owner the worker that worked for it before, and never one that worked for another', async () => {
  const { pool, ended, workerFor } = given(2)
  expect([await workerFor(1), await workerFor(2), await workerFor(1), await workerFor(2)]).toEqual([0, 1, 0, 1])
  expect([await workerFor(3), ended]).toEqual([2, [0]])
  await pool.close()
  expect(ended.toSorted()).toEqual([0, 1, 2])
})

afterEach(() => vi.useRealTimers())

it('keeps the worker of a repo that rests where there is room for no other', async () => {
  vi.useFakeTimers()
  const { pool, ended, workerFor } = given(1)
  expect(await workerFor(1)).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([await workerFor(1), ended]).toEqual([0, []])
  expect([await workerFor(2), ended]).toEqual([1, [0]])
  await pool.close()
})

it('gets another ready where there is room, which the next repo does not wait for', async () => {
  vi.useFakeTimers()
  const { pool, ended, workerFor } = given(2)
  expect(await workerFor(1)).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([await workerFor(2), await workerFor(1), ended]).toEqual([1, 0, []])
  await pool.close()
})

it('puts away a worker that died while it had nothing to do, and starts another', async () => {
  const { pool, dead, ended, workerFor } = given(1)
  expect(await workerFor(1)).toBe(0)
  dead.add(0)
  expect([await workerFor(1), ended]).toEqual([1, [0]])
  await pool.close()
  expect(ended).toEqual([0, 1])
})
