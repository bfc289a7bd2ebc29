import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'

const ENV = { WESTAGE_API_TOKEN: 'a-token-of-sixteen', STRIPE: 'whsec_1', STRIPE_BEFORE: 'whsec_0' }
const yamlOf = (sources: string, more = '') => `publicUrl: https://westage.test
wehook:
  westage: http://westage.test
${more}  sources:
${sources}`
const STRIPE = `    - name: stripe
      check: stripe
      secrets: [STRIPE, STRIPE_BEFORE]
`

function faultsOf(yaml: string, env: NodeJS.ProcessEnv = ENV): readonly string[] {
  try {
    readWeHookConfig(yaml, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('what WeHook is told', () => {
  it('is a section of westage.yaml, whatever else is in that, with secrets by the names of variables', () => {
    const { config, secrets } = readWeHookConfig(yamlOf(STRIPE), { ...ENV, WEHOOK_TOKEN: 'a-token-of-people' })
    expect(config).toMatchObject({
      ttl: 3_600_000,
      target: 'host',
      sources: [{ maxBytes: 1_000_000, methods: ['POST'] }],
    })
    expect(secrets).toEqual({
      ...{ apiToken: 'a-token-of-sixteen', token: 'a-token-of-people', redisPassword: null },
      sources: new Map([['stripe', ['whsec_1', 'whsec_0']]]),
    })
    expect(JSON.stringify(config)).not.toContain('whsec')
  })

  it.each([
    ['no section', 'publicUrl: https://westage.test', ['westage.yaml:1: wehook: is missing']],
    ['no source', yamlOf('    []'), [expect.stringContaining('wehook.sources')]],
    [
      'a source without a secret',
      yamlOf('    - { name: a, check: slack }'),
      ['westage.yaml:5: wehook.sources[0].secrets: is empty: slack needs one'],
    ],
    [
      'two sources of one name',
      yamlOf(STRIPE + STRIPE),
      ['westage.yaml:8: wehook.sources[1].name: is the name of two sources'],
    ],
    [
      'an HMAC without a header',
      yamlOf('    - { name: a, check: hmac, secrets: [STRIPE] }'),
      ['westage.yaml:5: wehook.sources[0].header: is missing: hmac needs it'],
    ],
    [
      'a secret that can be guessed where nothing else is checked',
      yamlOf('    - { name: partner, check: none, secrets: [STRIPE] }'),
      [expect.stringContaining('that nobody can guess one is all that is checked')],
    ],
    [
      'a network that is none',
      yamlOf('    - { name: a, check: stripe, secrets: [STRIPE], from: [stripe.com] }'),
      [expect.stringContaining('is not an address or a network')],
    ],
    [
      'a password in the address of a Redis',
      yamlOf(STRIPE, '  store: redis://:secret@redis:6379\n'),
      [expect.stringMatching(/^westage\.yaml:4: wehook\.store: is not an address of a Redis without a password$/)],
    ],
  ])('is refused with %s', (_, yaml, faults) => {
    expect(faultsOf(yaml)).toEqual(faults)
  })

  it('is refused with all that is missing at once, and no word of a secret', () => {
    const faults = faultsOf(yamlOf(STRIPE), { STRIPE: 'whsec_1', WEHOOK_TOKEN: 'short' })
    expect(faults).toHaveLength(3)
    expect(faults.join('\n')).toMatch(
      /WESTAGE_API_TOKEN: is missing[\s\S]*WEHOOK_TOKEN: is not[\s\S]*STRIPE_BEFORE: is missing/,
    )
    expect(faults.join('\n')).not.toMatch(/whsec|short/)
  })
})
