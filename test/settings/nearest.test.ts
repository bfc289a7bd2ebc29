import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestOf } from '../../src/settings/nearest.ts'

const KEYS = ['template', 'scheme', 'port', 'wildcards', 'tls', 'resolver', 'publicUrl', 'folder', 'folders']

describe('the name that was meant', () => {
  it.each([
    ['tmplate', 'template'],
    ['templaet', 'template'],
    ['templates', 'template'],
    ['wildcarts', 'wildcards'],
    ['prot', 'port'],
    ['PUBLIC_URL', 'publicUrl'],
    ['public-url', 'publicUrl'],
    ['foldr', 'folder'],
    ['fodlers', 'folders'],
  ])('by %s is %s', (written, meant) => {
    expect(nearestOf(written, KEYS)).toBe(meant)
  })

  it.each(['colour', 'x', 'host', 'pt', ''])('by %j is none of them', (written) => {
    expect(nearestOf(written, KEYS)).toBeNull()
  })

  it('is found for any name with one letter changed, where no other is as near', () => {
    const name = fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 4, maxLength: 20 })
    fc.assert(
      fc.property(name, fc.nat(), (meant, at) => {
        const place = at % meant.length
        const written = `${meant.slice(0, place)}z${meant.slice(place + 1)}`
        expect(nearestOf(written, ['zzzzzzzzzzzzzzzzzzzzzzzzzz', meant])).toBe(meant)
      }),
    )
  })
})
