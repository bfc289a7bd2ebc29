import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PasswordOwner, passwordFrom, seedOf } from '../../src/addons/passwords.ts'

const owners = fc.record({ repositoryId: fc.nat(), pull: fc.nat(), app: fc.string() })
const secrets = fc.string({ minLength: 1 })
const purposes = fc.string({ minLength: 1 })
const passwordFor = (secret: string, owner: PasswordOwner, purpose: string) =>
  passwordFrom(seedOf(secret, owner), purpose)

describe('passwords of add-ons', () => {
  it('are letters and digits, 32 of them, which mean nothing to a URL, a shell or Kubernetes', () => {
    fc.assert(
      fc.property(secrets, owners, purposes, (secret, owner, purpose) => {
        expect(passwordFor(secret, owner, purpose)).toMatch(/^[A-Za-z0-9]{32}$/)
      }),
    )
  })

  it('are the same whenever the preview is rendered again', () => {
    fc.assert(
      fc.property(secrets, owners, purposes, (secret, owner, purpose) => {
        expect(passwordFor(secret, { ...owner }, purpose)).toBe(passwordFor(secret, owner, purpose))
      }),
    )
    expect(passwordFor('secret', { repositoryId: 42, pull: 7, app: 'shop' }, 'mysql')).toBe(
      'ik02yd7T5SXmVVcJ98My4gTleaEPRsDU',
    )
  })

  it('differ for two instances, repos, pull requests, apps and purposes', () => {
    fc.assert(
      fc.property(secrets, owners, purposes, secrets, owners, purposes, (secret, owner, purpose, ...other) => {
        const [otherSecret, otherOwner, otherPurpose] = other
        const all = [
          passwordFor(secret, owner, purpose),
          passwordFor(`${secret}x`, owner, purpose),
          passwordFor(secret, { ...owner, repositoryId: owner.repositoryId + 1 }, purpose),
          passwordFor(secret, { ...owner, pull: owner.pull + 1 }, purpose),
          passwordFor(secret, { ...owner, app: `${owner.app}x` }, purpose),
          passwordFor(secret, owner, `${purpose}x`),
        ]
        expect(new Set(all).size).toBe(all.length)
        const isSame =
          JSON.stringify([secret, owner, purpose]) === JSON.stringify([otherSecret, otherOwner, otherPurpose])
        expect(passwordFor(otherSecret, otherOwner, otherPurpose) === all[0]).toBe(isSame)
      }),
    )
  })

  it('can’t be shifted between the parts of whom they are for', () => {
    const made = [
      passwordFor('s', { repositoryId: 1, pull: 11, app: 'a' }, 'b'),
      passwordFor('s', { repositoryId: 11, pull: 1, app: 'a' }, 'b'),
      passwordFor('s', { repositoryId: 1, pull: 1, app: '1a' }, 'b'),
      passwordFor('s', { repositoryId: 1, pull: 1, app: '1' }, 'ab'),
    ]
    expect(new Set(made).size).toBe(made.length)
  })

  it('use every letter and digit about as often as any other', () => {
    const counts = new Map<string, number>()
    for (let pull = 0; pull < 2000; pull++) {
      for (const letter of passwordFor('secret', { repositoryId: 1, pull, app: 'shop' }, 'mysql')) {
        counts.set(letter, (counts.get(letter) ?? 0) + 1)
      }
    }
    const expected = (2000 * 32) / 62
    expect(counts.size).toBe(62)
    // Six standard deviations of a binomial count with that mean.
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected))
  })
})
