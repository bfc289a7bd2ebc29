import { describe, expect, it } from 'vitest'
import { rules } from '../../src/policy/rules.ts'
import { manifestsOf } from '../manifests/sample.ts'
import { harmfulManifests } from './harmful-manifests.ts'
import { contextOf, rulesAgainst } from './sample.ts'

/** Whether a pod may have a token is WeStage's to write before; here most pods leave it open. */
const withoutTokens = (found: readonly string[], wanted: readonly string[]) =>
  found.filter((rule) => rule !== 'token-mounts' || wanted.includes(rule))

describe('what is harmful, as it would reach the publishing half', () => {
  it.each(harmfulManifests.map((one) => [one.rule, one.what, one] as const))(
    'is refused by %s: %s',
    (_, __, { rules: wanted, profile, yaml }) => {
      const found = rulesAgainst(manifestsOf(yaml), contextOf({ profile }))
      expect(withoutTokens(found, wanted)).toEqual(wanted)
    },
  )

  it('is 150 manifests at the least', () => {
    expect(harmfulManifests.length).toBeGreaterThanOrEqual(150)
    expect(new Set(harmfulManifests.map(({ yaml }) => yaml)).size).toBe(harmfulManifests.length)
  })

  it('has a manifest for each rule but those that WeStage’s own transforms leave nothing to', () => {
    const tried = new Set(harmfulManifests.map(({ rule }) => rule))
    expect(rules.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual(['own-namespace'])
  })

  it('gets past isolation under no profile', () => {
    const everywhere = rules.filter(({ verdicts }) => verdicts.trusted === 'refused').map(({ name }) => name)
    const passing = harmfulManifests
      .filter(({ rule, profile }) => profile === 'standard' && everywhere.includes(rule) && rule !== 'kinds')
      .filter(({ yaml, rule }) => !rulesAgainst(manifestsOf(yaml), contextOf({ profile: 'trusted' })).includes(rule))
    expect(passing.map(({ rule, what }) => `${rule}: ${what}`)).toEqual([])
  })

  it('is as harmful under strict as it is under standard', () => {
    const passing = harmfulManifests
      .filter(({ profile }) => profile === 'standard')
      .filter(({ yaml, rule }) => !rulesAgainst(manifestsOf(yaml), contextOf({ profile: 'strict' })).includes(rule))
    expect(passing.map(({ rule, what }) => `${rule}: ${what}`)).toEqual([])
  })
})
