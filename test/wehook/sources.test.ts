import { expect, it } from 'vitest'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { sourcesOf } from '../../src/wehook/sources.ts'

const ENV = { WESTAGE_API_TOKEN: 'a token of sixteen or more', SECRET: 'whsec_1' }

/** Whether an address may call a source of which these may. */
function mayCall(from: readonly string[], address: string): boolean | undefined {
  const wehook = { westage: 'http://westage', sources: [{ name: 'a', check: 'stripe', secrets: ['SECRET'], from }] }
  const { config, secrets } = readWeHookConfig(JSON.stringify({ wehook }), ENV)
  return sourcesOf(config.sources, secrets.sources)[0]?.mayCall(address)
}

const FROM = ['192.0.2.0/24', '198.51.100.7', '2001:db8::/32']

it.each(['192.0.2.9', '198.51.100.7', '2001:db8::1', '::ffff:192.0.2.9'])('%s may call: it is allowed', (address) => {
  expect(mayCall(FROM, address)).toBe(true)
})

it.each(['192.0.3.9', '198.51.100.8', '2001:db9::1', '::ffff:192.0.3.9', ''])('%s may not call', (address) => {
  expect(mayCall(FROM, address)).toBe(false)
  expect(mayCall([], address)).toBe(true)
})
