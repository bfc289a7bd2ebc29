import { constants, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openInflate } from '../../src/twig/inflate.ts'

const inflate = openInflate()

/** Bytes as noise is, as text is, and of a few letters only: what zlib makes different sorts of blocks of. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.array(fc.constantFrom('kind', ': ', 'Service', '\n', 'name', '- ', 'value'), { maxLength: 3000 }),
  fc.array(fc.constantFrom('a', 'b', 'aaaaaaaaaaaaaaaa'), { maxLength: 3000 }),
)
const bytesOf = (content: Uint8Array | readonly string[]): Buffer =>
  content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(content.join(''))

const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants
const strategies = fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED)
const levels = fc.integer({ min: 0, max: 9 })

it('gives back what zlib packed, in whatever way, and where that ends', () => {
  fc.assert(
    fc.property(contents, levels, strategies, (made, level, strategy) => {
      const content = bytesOf(made)
      const packed = deflateSync(content, { level, strategy })
      const among = Buffer.concat([Buffer.from('before'), packed, Buffer.from('after')])
      const room = Buffer.alloc(content.length)
      expect(inflate(among, 6, room)).toBe(6 + packed.length)
      expect(room.equals(content)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

it.each([0, 1, 6, 9])('gives back megabytes that were packed at level %i', (level) => {
  const content = Buffer.alloc(3_000_000, 'some text that comes again and again, further away than zlib looks\n')
  for (let at = 0; at < content.length; at += 977) content[at] = at % 251
  const packed = deflateSync(content, { level })
  const room = Buffer.alloc(content.length)
  expect(inflate(packed, 0, room)).toBe(packed.length)
  expect(room.equals(content)).toBe(true)
})

it('refuses what is cut, and what is longer or shorter than was said', () => {
  const content = Buffer.from('kind: Service\n'.repeat(40))
  for (const level of [0, 9]) {
    const packed = deflateSync(content, { level })
    for (let length = 0; length < packed.length; length += 1) {
      expect(() => inflate(packed.subarray(0, length), 0, Buffer.alloc(content.length))).toThrow('damaged')
    }
    for (const other of [0, content.length - 1, content.length + 1]) {
      expect(() => inflate(packed, 0, Buffer.alloc(other))).toThrow('damaged')
    }
  }
})

it('never does more with damaged bytes than to refuse them, or to fill the room that it was given', () => {
  fc.assert(
    fc.property(contents, levels, strategies, fc.nat(), fc.nat(255), (made, level, strategy, place, byte) => {
      const content = bytesOf(made)
      const packed = deflateSync(content, { level, strategy })
      packed[place % packed.length] = byte
      const around = Buffer.alloc(content.length + 2, 7)
      try {
        const end = inflate(packed, 0, around.subarray(1, -1))
        expect(end).toBeLessThanOrEqual(packed.length)
      } catch (error) {
        expect(error).toMatchObject({ message: 'what zlib packed is damaged' })
      }
      expect([around[0], around.at(-1)]).toEqual([7, 7])
    }),
    { numRuns: 1000 },
  )
})
