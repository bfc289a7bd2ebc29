import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWithinPattern } from '../../src/domain/path-pattern.ts'

describe('a pattern for paths', () => {
  it.each([
    ['.', 'anything/at/all', true],
    ['web', 'web/index.html', true],
    ['web', 'web', true],
    ['web', 'website/index.html', false],
    ['web', 'apps/web/index.html', false],
    ['./web', 'web/index.html', true],
    ['web/src', 'web/index.html', false],
    ['*.md', 'README.md', true],
    ['*.md', 'docs/README.md', false],
    ['**/*.md', 'README.md', true],
    ['**/*.md', 'docs/en/README.md', true],
    ['apps/*/src', 'apps/web/src/a.ts', true],
    ['apps/*/src', 'apps/web/deep/src/a.ts', false],
    ['apps/**/src', 'apps/web/deep/src/a.ts', true],
    ['apps/**/src', 'apps/src/a.ts', true],
    ['libs/**', 'libs/a/b', true],
    ['v?.txt', 'v1.txt', true],
    ['v?.txt', 'v10.txt', false],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abcdef', false],
    ['[ab].txt', 'a.txt', false],
    ['(x+)+.txt', '(x+)+.txt', true],
    ['web.', 'webs', false],
  ])('%s and %s: %s', (pattern, path, isWithin) => {
    expect(isWithinPattern(pattern, path)).toBe(isWithin)
  })

  it('means what trying everything comes to', () => {
    const parts = fc.array(fc.constantFrom('a', 'b', 'ab', '*', '**', '?', 'a*'), { minLength: 1, maxLength: 5 })
    const names = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab'), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(parts, names, (pattern, path) => {
        expect(isWithinPattern(pattern.join('/'), path.join('/'))).toBe(isWithinByTrying(pattern, path))
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes no long time, whatever an author writes', () => {
    const startedAtMs = performance.now()
    expect(isWithinPattern('*a'.repeat(500), `${'a'.repeat(2_000)}b`)).toBe(false)
    expect(isWithinPattern(`${'**/a/'.repeat(200)}b`, 'a/'.repeat(1_000))).toBe(false)
    expect(performance.now() - startedAtMs).toBeLessThan(2_000)
  })
})

function isWithinByTrying([part, ...rest]: readonly string[], [name, ...names]: readonly string[]): boolean {
  if (part === undefined) return true
  if (part === '**') {
    return (
      isWithinByTrying(rest, name === undefined ? [] : [name, ...names]) ||
      (name !== undefined && isWithinByTrying([part, ...rest], names))
    )
  }
  return name !== undefined && isName([...part], [...name]) && isWithinByTrying(rest, names)
}

function isName([part, ...rest]: readonly string[], signs: readonly string[]): boolean {
  const [sign, ...more] = signs
  if (part === undefined) return sign === undefined
  if (part === '*') return isName(rest, signs) || (sign !== undefined && isName([part, ...rest], more))
  return sign !== undefined && (part === '?' || part === sign) && isName(rest, more)
}
