import { expect, it } from 'vitest'
import type { Json } from '../../src/manifests/json.ts'
import { fromJson, toJson } from '../../src/prepare-worker/exact-json.ts'

const VALUES: Json = [
  { 'a.b': { '': 9223372036854775807n }, '0': [[-0, 0, null], -9223372036854775808n] },
  { text: '9007199254740993', null: null, nested: [[], {}, [9007199254740993n]] },
]

it('carries integers of any size and -0 through JSON, and leaves nulls and texts alone', () => {
  const { value, exact } = toJson(VALUES)
  const read = JSON.parse(JSON.stringify({ value, exact }))
  expect(fromJson(read.value, read.exact)).toEqual(VALUES)
})

it('gives back the very same value where every number is JSON’s', () => {
  const value = [{ a: [1, 'b'] }]
  expect(toJson(value)).toEqual({ value, exact: [] })
  expect(toJson(value).value).toBe(value)
})

it('refuses a number whose place is none, or is taken', () => {
  for (const at of [[0], [1], ['a'], [0, 'b'], []]) {
    expect(() => fromJson([{ a: 1 }], [{ at, number: '1' }])).toThrow('no place')
  }
})
