import { expect, it } from 'vitest'
import { writeBudget } from '../../../src/adapters/github/write-budget.ts'
import { NotReady } from '../../../src/domain/errors.ts'

/** How long each of `count` writes is told to wait; 0 for those that may go. */
function waits(spend: () => void, count: number): number[] {
  return Array.from({ length: count }, () => {
    try {
      spend()
      return 0
    } catch (error) {
      if (error instanceof NotReady) return error.afterMs
      throw error
    }
  })
}

it('lets a burst of writes go at once, and tells the rest when it is their turn', () => {
  let nowMs = 1_000
  const budget = writeBudget(2, () => nowMs)
  const spend = () => budget.spend(7)
  expect(waits(spend, 2)).toEqual([0, 0])
  nowMs += 10_000
  expect(waits(spend, 5)).toEqual([50_000, 50_000, 110_000, 110_000, 170_000])
  expect(waits(() => budget.spend(8), 1)).toEqual([0])
  nowMs += 50_000
  expect(waits(spend, 3)).toEqual([0, 0, 120_000])
})
