import { expect, it } from 'vitest'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { holdMsOf } from '../../src/wehook/hold-time.ts'

const MINUTE_MS = 60_000

const holdOf = (check: string, tolerance: string, more = '') => {
  const source = `{ name: a, check: ${check}, secrets: [A], tolerance: ${tolerance}${more} }`
  const yaml = `wehook: { westage: 'http://westage', ttl: 1m, keep: 1m, sources: [${source}] }`
  return holdMsOf(
    readWeHookConfig(yaml, {
      WESTAGE_API_TOKEN: 'a token of sixteen or more',
      A: 'whsec_c2VjcmV0LW9mLXR3ZW50eS1mb3VyLWJ5dGVz',
    }).config,
  )
}

it.each(['stripe', 'slack', 'standard-webhooks'])(
  'a callback of %s is held while its signature may be believed: from tolerance ahead of its time to as much behind',
  (check) => {
    expect(holdOf(check, '2h')).toBe(240 * MINUTE_MS)
    expect(holdOf(check, '10s')).toBe(MINUTE_MS)
  },
)

it('a callback is held while it is tried where no time is signed', () => {
  expect(holdOf('github', '2h')).toBe(MINUTE_MS)
  expect(holdOf('hmac', '2h', ', header: X-Signature')).toBe(MINUTE_MS)
})
