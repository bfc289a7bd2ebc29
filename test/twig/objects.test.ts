import { expect, it } from 'vitest'
import { objectsAtHand } from '../../src/twig/objects.ts'

const blob = (size: number) => ({ type: 'blob', content: Buffer.alloc(size) }) as const

it('keeps what was looked at last, within its bound', () => {
  const atHand = objectsAtHand(() => 10_000)
  for (const id of ['a', 'b', 'c']) atHand.put(id, blob(2500))
  atHand.get('a')
  atHand.put('d', blob(2500))
  expect(['a', 'b', 'c', 'd'].map(atHand.has)).toEqual([true, false, true, true])
  for (let nth = 0; nth < 1000; nth += 1) atHand.put(`n${nth}`, blob(nth))
  expect(atHand.size()).toBeLessThanOrEqual(10_000)
})

it('counts an object that is put there again once, and keeps one that is larger than its bound for now', () => {
  const atHand = objectsAtHand(() => 10_000)
  for (let nth = 0; nth < 10; nth += 1) atHand.put('a', blob(2500))
  expect(atHand.size()).toBeLessThan(3000)
  atHand.put('large', blob(20_000))
  expect([atHand.has('large'), atHand.has('a')]).toEqual([true, false])
  atHand.put('b', blob(1))
  expect(atHand.has('large')).toBe(false)
})
