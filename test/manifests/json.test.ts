import { describe, expect, it } from 'vitest'
import { changeAt, type Json, jsonTextOf, pathOf, valuesAt } from '../../src/manifests/json.ts'

const [first, second] = [
  { host: 'a', paths: ['/'] },
  { host: 'b', paths: ['/x'] },
]
const spec = { rules: [first, second, 'odd'], tls: { secret: 's' } }
const upper = (found: Json) => (typeof found === 'string' ? found.toUpperCase() : found)

describe('a change at a path', () => {
  it('reaches every element of a list, and leaves what it was given alone', () => {
    expect(changeAt(spec, pathOf('rules.*.host'), upper)).toEqual({
      rules: [{ host: 'A', paths: ['/'] }, { host: 'B', paths: ['/x'] }, 'odd'],
      tls: { secret: 's' },
    })
    expect(first).toEqual({ host: 'a', paths: ['/'] })
  })

  it('gives back the same value where it changes nothing', () => {
    expect(changeAt(spec, pathOf('rules.*.host'), (found) => found)).toBe(spec)
    expect(changeAt(spec, pathOf('rules.*.absent.host'), upper)).toBe(spec)
    expect(changeAt(spec, pathOf('rules.host'), upper)).toBe(spec)
    expect(changeAt(spec, pathOf('tls.*'), upper)).toBe(spec)
    expect(changeAt(spec, [], (found) => found)).toBe(spec)
    expect(changeAt('text', pathOf('a.b'), upper)).toBe('text')
  })

  it('keeps the very values beside what it changes', () => {
    const changed = changeAt(spec, pathOf('rules.*.host'), (found) => (found === 'a' ? 'c' : found))
    expect(changed).toEqual({ rules: [{ host: 'c', paths: ['/'] }, second, 'odd'], tls: { secret: 's' } })
    expect(valuesAt(changed, pathOf('rules.*'))[1]).toBe(second)
    expect(valuesAt(changed, pathOf('rules.*.paths'))[0]).toBe(first?.paths)
    expect(valuesAt(changed, ['tls'])[0]).toBe(spec.tls)
  })

  it('knows only the keys of the object itself', () => {
    expect(changeAt({}, ['__proto__', 'x'], () => 1)).toEqual({})
    expect(changeAt({}, ['constructor'], () => 1)).toEqual({})
    const named = JSON.parse('{"__proto__":"a"}')
    expect(Object.entries(changeAt(named, ['__proto__'], upper) ?? {})).toEqual([['__proto__', 'A']])
  })
})

describe('JSON text', () => {
  it('has integers of any size exact', () => {
    const value: Json = { a: [9007199254740993n, 1.5, null, true], 'b"': { c: 'd\n' } }
    expect(jsonTextOf(value)).toBe('{"a":[9007199254740993,1.5,null,true],"b\\"":{"c":"d\\n"}}')
  })
})
