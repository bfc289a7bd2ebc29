import { expect, it } from 'vitest'
import { backoffMs } from '../../src/wehook/backoff.ts'

it.each([
  [1, 250, 500],
  [2, 500, 1000],
  [3, 1000, 2000],
  [7, 16_000, 32_000],
  [8, 30_000, 60_000],
  [2000, 30_000, 60_000],
])('after %i attempts the next comes at some moment between %i and %i ms', (attempts, least, most) => {
  const all = Array.from({ length: 1000 }, () => backoffMs(attempts))
  expect(all.every((ms) => Number.isInteger(ms) && ms >= least && ms <= most)).toBe(true)
  // Anywhere in it: what failed together does not come back together.
  expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan((most - least) * 0.9)
})
