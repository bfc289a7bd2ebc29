import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lineSplitter } from '../../src/adapters/line-splitter.ts'

function linesOf(chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  const splitter = lineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.write(chunk)
  splitter.end()
  return lines
}

it('gives the same lines however the bytes arrive', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ü', '→', '🙂', ' ') })
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
      const chunks: Buffer[] = []
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value ?? 1
        chunks.push(bytes.subarray(at, at + size))
        at += size
      }
      expect(linesOf(chunks)).toEqual(lines)
    }),
  )
})

it('takes \\r\\n for a line end and shows of a progress bar only its last state', () => {
  expect(
    linesOf([Buffer.from('one\r'), Buffer.from('\ntwo\r\n'), Buffer.from('10%\r'), Buffer.from('20%\rdone\n')]),
  ).toEqual(['one', 'two', 'done'])
})

it('cuts a line that never ends, and the next one is whole', () => {
  const [long, next] = linesOf([...Array(100).fill(Buffer.alloc(1000, 'x')), Buffer.from('\nnext')])
  expect(long).toBe(`${'x'.repeat(4096)}…`)
  expect(next).toBe('next')
})
