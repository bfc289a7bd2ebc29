import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairSlots, type Rank } from '../../src/worker/fair-slots.ts'

interface Waiter {
  readonly nth: number
  readonly line: string
  readonly rank: Rank
}

type Step =
  | { readonly kind: 'take'; readonly line: string; readonly rank: Rank }
  | { readonly kind: 'leave' | 'free'; readonly nth: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      line: fc.constantFrom('a', 'b', 'c', 'd'),
      rank: fc.constantFrom<Rank>('begun', 'new'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('free' as const), nth: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), nth: fc.nat() }) },
)

/** Slots whose waiters are remembered in the order in which they came. */
function given(count: number) {
  const slots = fairSlots(count)
  const waiting: (Waiter & { readonly leave: () => void })[] = []
  const held: (Waiter & { readonly free: () => void })[] = []
  const granted: Waiter[] = []
  let last = 0
  return {
    slots,
    waiting,
    held,
    granted,
    take(line: string, rank: Rank = 'new') {
      const waiter = { nth: last++, line, rank }
      const leave = slots.take(line, rank, (free) => {
        waiting.splice(0, waiting.length, ...waiting.filter(({ nth }) => nth !== waiter.nth))
        held.push({ ...waiter, free })
        granted.push(waiter)
      })
      if (!held.some(({ nth }) => nth === waiter.nth)) waiting.push({ ...waiter, leave })
    },
    leave(index: number) {
      const [gone] = waiting.splice(index, 1)
      gone?.leave()
    },
    free(index: number) {
      const [done] = held.splice(index, 1)
      done?.free()
    },
  }
}

/** Takes a step where there is somebody to take it. */
function does(here: ReturnType<typeof given>, step: Step): void {
  if (step.kind === 'take') here.take(step.line, step.rank)
  else if (step.kind === 'leave' && here.waiting.length > 0) here.leave(step.nth % here.waiting.length)
  else if (step.kind === 'free' && here.held.length > 0) here.free(step.nth % here.held.length)
}

describe('slots that lines share', () => {
  it('are never more than there are, and none is free while somebody waits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 80 }), (count, steps) => {
        const here = given(count)
        for (const step of steps) {
          does(here, step)
          expect(here.held.length).toBeLessThanOrEqual(count)
          expect(here.slots.isFree()).toBe(here.held.length < count)
          if (here.waiting.length > 0) expect(here.held).toHaveLength(count)
        }
        while (here.held.length > 0) here.free(0)
        expect(here.waiting).toEqual([])
      }),
    )
  })

  it('go to what has begun first, and then to who came first, within a line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 80 }), (count, steps) => {
        const here = given(count)
        for (const step of steps) {
          const before = [...here.waiting]
          const grantedBefore = here.granted.length
          does(here, step)
          if (step.kind !== 'free') continue
          for (const { nth, line } of here.granted.slice(grantedBefore)) {
            const own = before.filter((waiter) => waiter.line === line)
            expect(nth).toBe((own.find(({ rank }) => rank === 'begun') ?? own[0])?.nth)
          }
        }
      }),
    )
  })

  it('go to each other line once at most while a line waits for one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 120 }), (count, steps) => {
        const here = given(count)
        /** For each line that waits: which lines got a slot since it began to wait for its next one. */
        const passedBy = new Map<string, string[]>()
        for (const step of steps) {
          const grantedBefore = here.granted.length
          does(here, step)
          for (const { line } of here.granted.slice(grantedBefore)) {
            passedBy.delete(line)
            for (const others of passedBy.values()) others.push(line)
          }
          const isWaiting = (line: string) => here.waiting.some((waiter) => waiter.line === line)
          for (const line of passedBy.keys()) if (!isWaiting(line)) passedBy.delete(line)
          for (const { line } of here.waiting) if (!passedBy.has(line)) passedBy.set(line, [])
          for (const others of passedBy.values()) expect(others).toEqual([...new Set(others)])
        }
      }),
    )
  })

  it('let the one of a short line wait for one of a long line, not for all of it', () => {
    const here = given(2)
    for (let nth = 0; nth < 50; nth++) here.take('busy')
    here.take('quiet')
    here.free(0)
    here.free(0)
    expect(here.granted.map(({ line }) => line)).toEqual(['busy', 'busy', 'busy', 'quiet'])
  })
})
