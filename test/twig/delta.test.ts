import fc from 'fast-check'
import { expect, it } from 'vitest'
import { applyDelta, deltaOf } from '../../src/twig/delta.ts'
import { packOf } from '../../src/twig/pack.ts'
import { gitObjects } from './git-objects.ts'

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array))

it('gives back the target, whatever both begin and end with', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (head, before, after, tail) => {
      const base = Buffer.concat([head, before, tail])
      const target = Buffer.concat([head, after, tail])
      expect(applyDelta(base, deltaOf(base, target), Buffer.alloc)).toEqual(target)
    }),
    { numRuns: 500 },
  )
})

it.each([
  ['64 KB', 70_000],
  ['16 MB', 17_000_000],
])('copies from beyond %s, which git reads as well', async (_, length) => {
  const base = Buffer.alloc(length, 'some text that does not compress to nothing\n')
  const target = Buffer.concat([
    base.subarray(0, length - 5000),
    Buffer.from('another line\n'),
    base.subarray(length - 5000),
  ])
  const delta = deltaOf(base, target)
  expect(delta.length).toBeLessThan(target.length / 100)
  expect(applyDelta(base, delta, Buffer.alloc).equals(target)).toBe(true)
  const git = await gitObjects()
  const id = await git.put('blob', base)
  const object = { type: 'blob', content: target } as const
  const pack = packOf([{ object, delta: { base: id, bytes: delta } }], 'anywhere')
  await git.run(['index-pack', '--stdin', '--fix-thin', '--strict'], pack)
  const made = await git.run(['hash-object', '-t', 'blob', '--stdin'], target)
  expect((await git.content(made)).equals(target)).toBe(true)
})

it('makes no room for what a delta can not make', () => {
  const sizeOf = (bytes: readonly number[]) => Buffer.from([1, ...bytes, 1, 0x61])
  const roomFor = (bytes: number) => {
    throw new Error(`room for ${bytes} bytes`)
  }
  const base = Buffer.from('b')
  expect(() => applyDelta(base, sizeOf([5]), roomFor)).toThrow('a delta is damaged')
  expect(() => applyDelta(base, sizeOf([0xff, 0xff, 0xff, 0xff, 0x0f]), roomFor)).toThrow('a delta is damaged')
  expect(() => applyDelta(base, sizeOf([...Array(200).fill(0xff), 0]), roomFor)).toThrow('a delta is damaged')
  expect(() => applyDelta(base, sizeOf([1]), roomFor)).toThrow('room for 1 bytes')
})

it('refuses a delta that is cut, or for another base', () => {
  const [base, target] = [Buffer.from('one two three four'), Buffer.from('one two 3 four')]
  const delta = deltaOf(base, target)
  for (let length = 0; length < delta.length; length += 1) {
    expect(() => applyDelta(base, delta.subarray(0, length), Buffer.alloc)).toThrow('delta')
  }
  expect(() => applyDelta(Buffer.from('shorter'), delta, Buffer.alloc)).toThrow('another base')
})
