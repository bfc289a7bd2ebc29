import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type Json, objectOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { findingsOf } from '../../src/policy/policy.ts'
import { rules } from '../../src/policy/rules.ts'
import { harmfulManifests } from './harmful-manifests.ts'
import { contextOf, rulesAgainst } from './sample.ts'

const harmful = harmfulManifests.flatMap(({ yaml }) => parseManifests(yaml))

/** Every place in a value, as keys. */
function placesIn(value: Json, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key]))]
}

function replaced(value: Json, place: readonly string[], by: Json): Json {
  const [key, ...rest] = place
  if (key === undefined) return by
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]): [string, Json] => [
    name,
    name === key ? replaced(inner, rest, by) : inner,
  ])
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}

/** What parsing lets pass has these of the right type. */
const isFixed = ([first, second]: readonly string[]): boolean =>
  first === undefined ||
  first === 'apiVersion' ||
  first === 'kind' ||
  (first === 'metadata' && (second === undefined || ['name', 'namespace', 'labels', 'annotations'].includes(second)))

const asManifest = (value: Json, { apiVersion, kind, metadata }: Manifest): Manifest =>
  isObject(value)
    ? { ...value, apiVersion, kind, metadata: { ...objectOf(value.metadata), name: metadata.name } }
    : { apiVersion, kind, metadata }

/** A harmful manifest in which one place holds any JSON at all. */
const mutated = fc.constantFrom(...harmful).chain((manifest) =>
  fc
    .record({
      place: fc.constantFrom(...placesIn(manifest).filter((place) => !isFixed(place)), ['spec']),
      by: fc.jsonValue({ maxDepth: 3 }),
    })
    .map(({ place, by }) => asManifest(replaced(manifest, place, JSON.parse(JSON.stringify(by))), manifest)),
)

describe('the policy', () => {
  it('judges whatever JSON stands wherever, and breaks on none', () => {
    fc.assert(
      fc.property(mutated, fc.constantFrom('strict', 'standard', 'trusted'), (manifest, profile) => {
        const { refused, noted } = findingsOf([manifest], contextOf({ profile }))
        for (const { object, rule, words } of [...refused, ...noted]) {
          expect(object).toBe(`${manifest.kind}/${manifest.metadata.name}`)
          expect(rules.map(({ name }) => name)).toContain(rule)
          expect(words).not.toBe('')
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('lets no container be privileged, whatever stands beside it', () => {
    const container = { name: 'a', image: 'a', securityContext: { privileged: true } }
    const beside = fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(beside, fc.constantFrom('containers', 'initContainers'), (rest, list) => {
        const spec: Json = { ...JSON.parse(JSON.stringify(rest)), [list]: [container] }
        const pod: Manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec }
        expect(rulesAgainst([pod], contextOf())).toContain('privileged')
      }),
      { numRuns: 500 },
    )
  })

  it('says the same of objects in whatever order they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(harmful.slice(0, 40), { minLength: 2 }), (shuffled) => {
        const sorted = (all: readonly Manifest[]) =>
          findingsOf(all, contextOf())
            .refused.map((finding) => JSON.stringify(finding))
            .toSorted()
        expect(sorted(shuffled)).toEqual(sorted(shuffled.toReversed()))
      }),
      { numRuns: 50 },
    )
  })
})
