import { expect, it } from 'vitest'
import { groupedWrites, type Write } from '../../src/wehook/grouped-writes.ts'

const put = (key: string): Write => ({ type: 'put', key, value: Buffer.from(key), isNew: false })

it('writes that are asked for while one is on its way are one, in their order, on disk where one of them is to be', async () => {
  const groups: { readonly keys: readonly string[]; readonly sync: boolean }[] = []
  const write = groupedWrites(
    async (writes, { sync }) => {
      groups.push({ keys: writes.map(({ key }) => key), sync })
    },
    () => {},
  )
  await Promise.all([write([put('a')], 'with the system'), write([put('b'), put('c')], 'on disk')])
  await write([put('d')], 'with the system')
  expect(groups).toEqual([
    { keys: ['a', 'b', 'c'], sync: true },
    { keys: ['d'], sync: false },
  ])
})

it('after a write that failed nothing is written any more, and that is told once', async () => {
  const written: string[] = []
  const told: unknown[] = []
  const full = new Error('No space left on device')
  const write = groupedWrites(
    async ([first]) => {
      if (first?.key === 'full') throw full
      written.push(first?.key ?? '')
    },
    (error) => told.push(error),
  )
  await write([put('a')], 'on disk')
  const outcomes = await Promise.allSettled([write([put('full')], 'on disk'), write([put('b')], 'on disk')])
  outcomes.push(...(await Promise.allSettled([write([put('c')], 'on disk')])))
  expect(outcomes.map((each) => each.status === 'rejected' && each.reason)).toEqual([full, full, full])
  expect([written, told]).toEqual([['a'], [full]])
})
