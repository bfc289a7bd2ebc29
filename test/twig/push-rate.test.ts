import { expect, it } from 'vitest'
import { PUSH_RATE, pushTurns, type RateClock, WRITE_RATE } from '../../src/twig/push-rate.ts'
import { never } from './branches.ts'

/** Time that passes where somebody waits. */
function clockAt(startMs: number): RateClock & { passMs(ms: number): void; readonly waits: number[] } {
  let nowMs = startMs
  const waits: number[] = []
  return {
    waits,
    now: () => nowMs,
    passMs: (ms) => {
      nowMs += ms
    },
    async wait(ms, signal) {
      signal.throwIfAborted()
      waits.push(ms)
      nowMs += ms
    },
  }
}

it('lets a burst go at once, then so many a minute', async () => {
  const clock = clockAt(5000)
  const turn = pushTurns({ perMinute: 6, burst: 3 }, clock)
  for (let nth = 0; nth < 3; nth += 1) await turn(never)
  expect(clock.waits).toEqual([])
  for (let nth = 0; nth < 6; nth += 1) await turn(never)
  expect(clock.now() - 5000).toBe(60_000)
})

it.each([
  ['pushes', PUSH_RATE, 6],
  ['commits by an API', WRITE_RATE, 8],
])('lets no more %s go by itself than GitHub advises, once a burst of twenty is over', async (_, rate, perMinute) => {
  const clock = clockAt(0)
  const turn = pushTurns(rate, clock)
  for (let nth = 0; nth < 20; nth += 1) await turn(never)
  expect(clock.now()).toBe(0)
  for (let nth = 0; nth < perMinute; nth += 1) await turn(never)
  expect(clock.now()).toBe(60_000)
})

it('lets a lone one go at once after a quiet time, and never more than a burst however long that was', async () => {
  const clock = clockAt(0)
  const turn = pushTurns({ perMinute: 6, burst: 2 }, clock)
  for (let nth = 0; nth < 4; nth += 1) await turn(never)
  clock.waits.length = 0
  clock.passMs(10_000)
  await turn(never)
  expect(clock.waits).toEqual([])
  clock.passMs(3_600_000)
  for (let nth = 0; nth < 2; nth += 1) await turn(never)
  expect(clock.waits).toEqual([])
  await turn(never)
  expect(clock.waits).toHaveLength(1)
})

it('lets whoever waits go at once when it is called off', async () => {
  const turn = pushTurns({ perMinute: 1, burst: 1 })
  await turn(never)
  const stop = new AbortController()
  const late = turn(stop.signal)
  stop.abort(new Error('gone'))
  await expect(late).rejects.toThrow()
})

it('does not count one that left while it waited', async () => {
  const clock = clockAt(0)
  const turn = pushTurns({ perMinute: 6, burst: 1 }, clock)
  await turn(never)
  await expect(turn(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  await turn(never)
  expect(clock.now()).toBe(10_000)
})
