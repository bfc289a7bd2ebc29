import { describe, expect, it } from 'vitest'
import { wantedOf } from '../../src/addons/wanted.ts'

const GIVEN = { mysql: { database: 'shop', user: 'shop' }, redis: {} }

describe('the add-ons of a preview', () => {
  it('are those that operators gave and those that the author asks for, whose settings stand over the operators’', () => {
    expect(wantedOf(GIVEN, { mysql: { database: 'cart', wait: true }, s3: {} }, ['s3'])).toEqual({
      mysql: { database: 'cart', user: 'shop', wait: true },
      redis: {},
      s3: {},
    })
    expect(wantedOf(GIVEN, {}, [])).toEqual(GIVEN)
  })

  it('may be set by the author where operators gave them, allowed or not, and no other', () => {
    expect(wantedOf(GIVEN, { redis: { wait: true } }, [])).toEqual({ ...GIVEN, redis: { wait: true } })
    expect(() => wantedOf(GIVEN, { s3: {} }, [])).toThrow('s3')
  })
})
