import { expect, it } from 'vitest'
import { parseChallenge } from '../../../src/adapters/registry/challenge.ts'

it('reads a Bearer challenge with commas and equal signs inside quotes', () => {
  const header =
    'Bearer realm="https://auth.example.com/token?a=b",service="registry.example.com",scope="repository:team/app:pull,push"'
  expect(parseChallenge(header)).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example.com/token?a=b',
    service: 'registry.example.com',
    scope: 'repository:team/app:pull,push',
  })
})

it('prefers Bearer where both are offered, in either order', () => {
  const bearer = { scheme: 'bearer', realm: 'https://a', service: null, scope: null }
  expect(parseChallenge('Basic realm="x", Bearer realm="https://a"')).toEqual(bearer)
  expect(parseChallenge('bearer realm="https://a", basic realm="Basic, Bearer"')).toEqual(bearer)
})

it('reads Basic with and without a realm', () => {
  expect(parseChallenge('Basic realm="a \\"quoted\\" realm"')).toEqual({ scheme: 'basic' })
  expect(parseChallenge('Negotiate, Basic')).toEqual({ scheme: 'basic' })
})

it('offers nothing where it knows nothing', () => {
  expect(parseChallenge('')).toBeNull()
  expect(parseChallenge('Negotiate')).toBeNull()
  expect(parseChallenge('Bearer service="x"')).toBeNull()
})
