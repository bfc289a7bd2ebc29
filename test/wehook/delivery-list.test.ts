import { expect, it } from 'vitest'
import { deliveryList } from '../../src/wehook/delivery-list.ts'
import type { Outcome } from '../../src/wehook/store.ts'

const delivered: Outcome = { state: 'delivered', attempts: 1, atMs: 0, tookMs: 4, answer: '200' }
const waiting: Outcome = { state: 'waiting', attempts: 3, atMs: 0, tookMs: 1200, answer: 'connect ECONNREFUSED' }
const over: Outcome = { state: 'gave up', attempts: 9, atMs: 0, tookMs: 0, answer: 'was not taken within 1 h' }

/** @returns what is read at once, and what is folded up */
async function listed(outcomes: readonly Outcome[]): Promise<readonly string[]> {
  const all = outcomes.map((outcome, nth): [string, Outcome] => [`shop/pr-${nth + 1} stripe /hook`, outcome])
  const markup = String(await deliveryList(new Map(all)))
  return markup.split('<details>').map((part) => part.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '))
}

it('of a callback that many previews get, those that have not had it come first, and the rest is folded up', async () => {
  const [shown = '', folded = ''] = await listed([...Array<Outcome>(40).fill(delivered), waiting, over])
  expect(shown).toMatch(
    /^ shop\/pr-41 waiting 3 attempts 1.2 s connect ECONNREFUSED shop\/pr-42 gave up 9 attempts was/,
  )
  expect(shown).toContain('shop/pr-6 delivered 1 attempt 4 ms 200')
  expect(shown).not.toContain('shop/pr-7 ')
  expect(folded).toContain('34 more, 34 of them delivered')
  expect(folded).toContain('shop/pr-40 delivered 1 attempt 4 ms 200')
})

it('of a callback that eight previews get, nothing is folded up', async () => {
  expect(await listed(Array<Outcome>(8).fill(delivered))).toHaveLength(1)
})
