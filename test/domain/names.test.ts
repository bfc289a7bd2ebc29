import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appNameOf,
  folderOf,
  freeSlug,
  hostOf,
  isAppName,
  isHostOf,
  namespaceOf,
  parseFolder,
  slugOf,
} from '../../src/domain/names.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const branch = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 60, maxLength: 250 }),
  fc.array(fc.constantFrom(...'abz09-/_.#'), { minLength: 1, maxLength: 80 }).map((chars) => chars.join('')),
  fc.constantFrom('feat/a', 'feat-a', 'feat_a', 'FEAT/A', 'feat/a-pr1', '---', '語', '../..', 'a'.repeat(250)),
)
const label = (max: number) =>
  fc
    .array(fc.constantFrom(...'abz09-'), { minLength: 1, maxLength: max })
    .map((chars) => chars.join(''))
    .filter((text) => LABEL.test(text))
const app = fc.oneof(label(30), fc.constantFrom('a', 'a-b', 'shop', 'x'.repeat(30)))
const pull = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 9_999_999_999))

describe('a branch of any name', () => {
  it('gives a slug and a namespace that are DNS labels, always the same ones', () => {
    fc.assert(
      fc.property(app, branch, pull, (name, text, number) => {
        for (const slug of [
          slugOf(name, text),
          freeSlug(name, text, number, (taken) => taken === slugOf(name, text)),
        ]) {
          expect(slug).toMatch(LABEL)
          expect(namespaceOf(name, slug)).toMatch(LABEL)
        }
        expect(slugOf(name, text)).toBe(slugOf(name, text))
      }),
      { numRuns: 1000 },
    )
  })

  it('gives no namespace that another preview has', () => {
    const preview = fc.record({ app, branch, pull })
    fc.assert(
      fc.property(fc.array(preview, { maxLength: 40 }), (previews) => {
        const taken = new Set<string>()
        for (const { app, branch, pull } of previews) {
          const slug = freeSlug(app, branch, pull, (one) => taken.has(namespaceOf(app, one)))
          expect(namespaceOf(app, slug)).toMatch(LABEL)
          expect(taken).not.toContain(namespaceOf(app, slug))
          taken.add(namespaceOf(app, slug))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('shows in the slug, with the pull request’s number where another preview has it', () => {
    expect(slugOf('shop', 'feat/Cart_2')).toBe('feat-cart-2')
    expect(freeSlug('shop', 'feat/cart', 7, (slug) => slug === 'feat-cart')).toBe('feat-cart-pr7')
    expect(freeSlug('shop', 'feat/cart', 7, (slug) => slug.startsWith('feat-cart'))).toMatch(/^[0-9a-f]{6}-pr7$/)
  })

  it('keeps two long branches two', () => {
    const long = 'feature/the-same-start-of-a-very-long-name-'
    expect(slugOf('shop', `${long}a`)).not.toBe(slugOf('shop', `${long}b`))
  })
})

describe('a repo of any name', () => {
  it('gives an app’s name', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'aZ09-_.'), { minLength: 1, maxLength: 100 }), (chars) => {
        expect(isAppName(appNameOf(`acme/${chars.join('')}`))).toBe(true)
      }),
    )
  })
})

describe('a preview’s folder', () => {
  it('is read back, and nothing else is taken for one', () => {
    fc.assert(
      fc.property(app, pull, (name, number) => {
        expect(parseFolder(folderOf(name, number))).toEqual({ app: name, pull: number })
      }),
    )
    for (const path of [
      'previews/shop',
      'previews/../pr-1',
      'previews/shop/pr-01',
      'previews/shop/pr-1/x',
      'x/shop/pr-1',
    ]) {
      expect(parseFolder(path)).toBeNull()
    }
  })
})

describe('a host of the app', () => {
  const host = fc
    .array(label(63), { minLength: 1, maxLength: 8 })
    .map((labels) => labels.join('.'))
    .filter((text) => text.length <= 253)
  const template = fc.constantFrom(
    '{slug}-{host}',
    '{slug}.{host}',
    '{app}-pr{pr}-{slug}-{host}',
    '{app}.{slug}-{host}',
    'pr-{pr}.{slug}-{app}-{slug}-{host}.previews.example.com',
    'previews.{app}.{slug}.{host}',
  )

  it('gives one that DNS takes, always the same', () => {
    fc.assert(
      fc.property(template, app, branch, pull, host, (form, name, text, number, own) => {
        const names = { app: name, slug: slugOf(name, text), pull: number, host: own }
        const made = hostOf(form, names)
        expect(made.length).toBeLessThanOrEqual(253)
        for (const part of made.split('.')) expect(part).toMatch(LABEL)
        expect(hostOf(form, names)).toBe(made)
        expect(isHostOf(form, names, made)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('is known for this preview’s, and no other host is', () => {
    const names = { app: 'shop', slug: 'feat-cart', pull: 7 }
    expect(isHostOf('{slug}-{host}', names, 'feat-cart-shop.test')).toBe(true)
    for (const other of [
      'shop.test',
      'feat-other-shop.test',
      'feat-cart.shop.test',
      'xfeat-cart-shop.test',
      'feat-cart-',
    ])
      expect(isHostOf('{slug}-{host}', names, other)).toBe(false)
    expect(isHostOf('{host}.{slug}.test', names, 'shop.feat-cart.test')).toBe(true)
    expect(isHostOf('{host}.{slug}.test', names, 'shop.feat-cartxtest')).toBe(false)
    const long = { app: 'a'.repeat(30), slug: 'b'.repeat(24), pull: 7 }
    const form = '{app}-pr{pr}-{slug}-{host}'
    expect(isHostOf(form, long, hostOf(form, { ...long, host: 'shop.test' }))).toBe(true)
    expect(isHostOf(form, { ...long, pull: 8 }, hostOf(form, { ...long, host: 'shop.test' }))).toBe(false)
  })

  it('stays apart from the app’s other hosts', () => {
    fc.assert(
      fc.property(
        template,
        app,
        branch,
        pull,
        fc.uniqueArray(host, { maxLength: 10 }),
        (form, name, text, number, hosts) => {
          const made = hosts.map((own) =>
            hostOf(form, { app: name, slug: slugOf(name, text), pull: number, host: own }),
          )
          expect(new Set(made).size).toBe(hosts.length)
        },
      ),
      { numRuns: 500, seed: 3 },
    )
  })
})
