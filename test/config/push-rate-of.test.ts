import { expect, it } from 'vitest'
import { pushRateOf } from '../../src/config/push-rate-of.ts'

it.each([
  ['what is pushed is six a minute where nothing is said', 'push', null, 6],
  ['what is written by the API is eight', 'api', null, 8],
  ['what is said counts for pushes', 'push', 60, 60],
  ['and for the API', 'api', 0.5, 0.5],
] as const)('%s', (_, write, perMinute, expected) => {
  expect(pushRateOf({ write, pushes: { perMinute, burst: 3 } })).toEqual({ perMinute: expected, burst: 3 })
})
