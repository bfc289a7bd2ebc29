import { createHash, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openPackRoom } from '../../src/twig/pack-room.ts'

const MB = 1024 * 1024

it('has a pack in one piece, whatever the pieces that it came in', () => {
  const pieces = [1, 0, 70_000, 20, 3 * MB, 7].map((bytes) => randomBytes(bytes))
  const room = openPackRoom()
  for (const piece of pieces) room.add(piece)
  expect(room.pack().equals(Buffer.concat(pieces))).toBe(true)
  const checksumOf = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')
  expect(checksumOf(room.pack())).toBe(checksumOf(Buffer.concat(pieces)))
})

it('takes as much memory as the pack has, and gives it back at once, without a garbage collection', () => {
  const piece = randomBytes(MB)
  const room = openPackRoom()
  const before = process.memoryUsage.rss()
  for (let nth = 0; nth < 128; nth += 1) room.add(piece)
  const filled = process.memoryUsage.rss()
  expect(filled - before).toBeGreaterThan(100 * MB)
  expect(filled - before).toBeLessThan(160 * MB)
  room.release()
  expect(process.memoryUsage.rss() - filled).toBeLessThan(-100 * MB)
})
