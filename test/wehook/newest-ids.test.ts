/** What a listener that keeps up is told from memory. */
import { expect, it } from 'vitest'
import { newestIds } from '../../src/wehook/level/newest-ids.ts'

const KNOWN = 3
const given = ({ trimmed = '' } = {}) => newestIds({ before: '10', known: KNOWN, isTrimmed: (id) => id <= trimmed })

it("the first of a source's after one are told, in their order", () => {
  const ids = given()
  for (const id of ['11', '13', '14']) ids.came('stripe', id)
  ids.came('github', '12')
  expect(ids.after('stripe', '10', 2)).toEqual(['11', '13'])
  expect(ids.after('stripe', '12', 2)).toEqual(['13', '14'])
  expect(ids.after('stripe', '14', 2)).toEqual([])
  expect(ids.after('github', '10', 2)).toEqual(['12'])
  expect(ids.after('slack', '10', 2)).toEqual([])
})

it('where some may be there from before, it is said that they are not known', () => {
  const ids = given()
  ids.came('stripe', '11')
  expect(ids.after('stripe', '09', 2)).toBeNull()
  expect(ids.after('slack', '09', 2)).toBeNull()
})

it('of many the last are known, and no more than twice as many as are to be', () => {
  const ids = given()
  const all = Array.from({ length: 20 }, (_, nth) => String(11 + nth))
  for (const [nth, id] of all.entries()) {
    ids.came('stripe', id)
    const last = all.slice(Math.max(0, nth + 1 - KNOWN), nth + 1)
    expect(ids.after('stripe', all[nth - KNOWN] ?? '10', 20)).toEqual(last)
    if (nth >= 2 * KNOWN) expect(ids.after('stripe', all[nth - 2 * KNOWN - 1] ?? '10', 20)).toBeNull()
  }
})

it('of many sources no more are known together', () => {
  const ids = given()
  const all = Array.from({ length: 2 * KNOWN + 1 }, (_, nth) => ({ source: `source-${nth}`, id: String(11 + nth) }))
  for (const { source, id } of all) ids.came(source, id)
  for (const { source } of all) expect(ids.after(source, '10', 1)).toBeNull()
  const last = String(10 + KNOWN)
  for (const { source, id } of all) expect(ids.after(source, last, 1)).toEqual(id > last ? [id] : [])
})

it('what was trimmed is not told', () => {
  const ids = given({ trimmed: '12' })
  for (const id of ['11', '12', '13']) ids.came('stripe', id)
  expect(ids.after('stripe', '10', 1)).toEqual(['13'])
})
