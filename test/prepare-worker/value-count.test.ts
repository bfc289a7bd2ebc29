import { describe, expect, it } from 'vitest'
import { valueCount } from '../../src/prepare-worker/value-count.ts'

const valuesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner), 1)
    : 1

describe('the count of values in JSON', () => {
  it.each([
    ['a number', 1],
    ['lists in lists', [[], [[]], [], [[[]]]]],
    [
      'a manifest',
      { kind: 'Pod', metadata: { name: 'a', labels: {} }, spec: { containers: [{ name: 'b', args: ['c'] }] } },
    ],
    ['a list of numbers', Array.from({ length: 50 }, (_, at) => at)],
  ])('is never less than there are: %s', (_, value) => {
    const count = valueCount(JSON.stringify(value), 1_000)
    expect(count).toBeGreaterThanOrEqual(valuesIn(value))
    expect(count).toBeLessThanOrEqual(2 * valuesIn(value))
  })

  it('takes no text for values, whatever stands in it', () => {
    expect(valueCount(JSON.stringify(',,[[{{"\\",[,"\\\\'), 1_000)).toBe(1)
    expect(valueCount(JSON.stringify(['a\\', ',,,']), 1_000)).toBe(3)
  })

  it('ends where it is enough', () => {
    expect(valueCount('[],'.repeat(1_000), 7)).toBe(7)
  })
})
