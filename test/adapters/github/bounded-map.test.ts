import { expect, it } from 'vitest'
import { boundedMap } from '../../../src/adapters/github/bounded-map.ts'

it('forgets what was used longest ago, within a bound whatever is put in', () => {
  const map = boundedMap<string>(10, (value) => value.length)
  map.set('a', 'aaaa')
  map.set('b', 'bbbb')
  expect(map.get('a')).toBe('aaaa')
  map.set('c', 'cccc')
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual(['aaaa', undefined, 'cccc'])
  map.set('a', 'a')
  map.set('d', 'ddddd')
  expect([map.get('a'), map.get('c'), map.get('d')]).toEqual(['a', 'cccc', 'ddddd'])
  map.set('huge', 'x'.repeat(11))
  expect(map.get('huge')).toBeUndefined()
})
