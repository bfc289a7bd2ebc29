import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { billionthsOf, quantityOf } from '../../src/manifests/quantity.ts'

const BILLION = 1_000_000_000n
const suffixes = new Map([
  ['', 1n],
  ['k', 10n ** 3n],
  ['M', 10n ** 6n],
  ['G', 10n ** 9n],
  ['T', 10n ** 12n],
  ['P', 10n ** 15n],
  ['E', 10n ** 18n],
  ['Ki', 1n << 10n],
  ['Mi', 1n << 20n],
  ['Gi', 1n << 30n],
  ['Ti', 1n << 40n],
  ['Pi', 1n << 50n],
  ['Ei', 1n << 60n],
])

describe('a quantity', () => {
  it.each<[string | number | bigint, bigint]>([
    [9007199254740993n, 9007199254740993n * BILLION],
    ['0', 0n],
    ['500m', BILLION / 2n],
    ['0.5', BILLION / 2n],
    ['.5', BILLION / 2n],
    ['2.', 2n * BILLION],
    ['+1', BILLION],
    ['-1', -BILLION],
    ['100u', 100_000n],
    ['7n', 7n],
    ['1e3', 1000n * BILLION],
    ['1E3', 1000n * BILLION],
    ['1E', 10n ** 27n],
    ['1e-3', BILLION / 1000n],
    ['128974848', 128_974_848n * BILLION],
    ['1.5Gi', 3n * (1n << 29n) * BILLION],
    ['0.1Ki', 1024n * (BILLION / 10n)],
    ['0.0000000001', 1n],
    ['1.0000000001', BILLION + 1n],
    [2, 2n * BILLION],
    [0.25, BILLION / 4n],
    [1e21, 10n ** 30n],
  ])('%s is exact, in billionths', (text, expected) => {
    expect(billionthsOf(text)).toBe(expected)
  })

  it.each([
    '',
    ' 1',
    '1 ',
    'm',
    '.',
    '1.5.2',
    '1g',
    '1K',
    '1KI',
    '1mi',
    '0x10',
    '1_000',
    '1e',
    '1e1.5',
    '1e3Mi',
    '∞',
    null,
    true,
    'NaN',
  ])('is not: %j', (text) => {
    expect(billionthsOf(text)).toBe(null)
  })

  it('means the same in each way that it can be written', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 15n }),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(...suffixes),
        (digits, places, [suffix, factor]) => {
          const padded = String(digits).padStart(places + 1, '0')
          const point = padded.length - places
          const text = `${padded.slice(0, point)}${places === 0 ? '' : '.'}${padded.slice(point)}${suffix}`
          expect(billionthsOf(text)).toBe(digits * 10n ** BigInt(9 - places) * factor)
        },
      ),
    )
  })

  it('is read back as it was written, however fine', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 90n }), (size) => billionthsOf(quantityOf(size)) === size))
    expect([quantityOf(2n * BILLION), quantityOf(1_500_000_000n), quantityOf(7n)]).toEqual(['2', '1500m', '7n'])
  })

  it('is bigger where it is written bigger, however far the exponent goes', () => {
    const huge = billionthsOf('1e999999999')
    expect(huge !== null && huge > (billionthsOf('999Ei') ?? 0n)).toBe(true)
    expect(billionthsOf('1e-999999999')).toBe(1n)
  })
})
