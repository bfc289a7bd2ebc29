import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { indexPack, readObject } from 'isomorphic-git'
import { expect, it } from 'vitest'
import { deltaOf } from '../../src/twig/delta.ts'
import { type GitObject, objectIdOf } from '../../src/twig/git-object.ts'
import { packOf } from '../../src/twig/pack.ts'
import { unpack } from '../../src/twig/unpack.ts'
import { type GitObjects, gitObjects } from './git-objects.ts'

const LINES = Array.from({ length: 80 }, (_, at) => `line ${at} of a manifest`)

/** A history of one file that changes a little with each commit, in a folder, with a tag. */
async function history(git: GitObjects, commits: number): Promise<void> {
  const stream: string[] = []
  for (let nth = 0; nth < commits; nth += 1) {
    const text = LINES.map((line, at) => (at === nth % LINES.length ? `${line} ${nth}` : line)).join('\n')
    stream.push(`commit refs/heads/main\ncommitter A <a@example.com> ${1_700_000_000 + nth} +0000\ndata 2\nx\n`)
    stream.push(`M 100644 inline previews/app/pr-${nth % 7}/web.yaml\ndata ${text.length}\n${text}\n`)
  }
  await git.run(['fast-import', '--quiet'], stream.join(''))
  await git.run(['tag', '-m', 'A tag', 'v1', 'main'])
}

function objectsIn(pack: Buffer, baseOf: (id: string) => GitObject | null = () => null): Map<string, GitObject> {
  const found = new Map<string, GitObject>()
  unpack(pack, baseOf, (id, { type, content }) => found.set(id, { type, content: Buffer.from(content) }))
  return found
}

const withChecksum = (body: Buffer): Buffer => Buffer.concat([body, createHash('sha1').update(body).digest()])

it.each([
  ['offset deltas', ['--delta-base-offset']],
  ['deltas by id', []],
  ['long chains of deltas', ['--delta-base-offset', '--depth=250', '--window=250']],
  ['no deltas', ['--depth=0']],
])("reads what git packs with %s, as git's own cat-file does", async (_, options) => {
  const git = await gitObjects()
  await history(git, 120)
  const pack = await git.bytes(['pack-objects', '--stdout', '--all', '--quiet', ...options], '')
  const objects = objectsIn(pack)
  const ids = (await git.run(['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)']))
    .split('\n')
    .filter((line) => !line.endsWith(' tag'))
    .map((line) => line.split(' ')[0] ?? '')
  expect([...objects.keys()].sort()).toEqual(ids.sort())
  for (const id of ids.slice(0, 60)) expect(objects.get(id)?.content.equals(await git.content(id))).toBe(true)
})

it('takes a base that is not in the pack from what is at hand, and says where there is none', async () => {
  const git = await gitObjects()
  await history(git, 20)
  const all = objectsIn(await git.bytes(['pack-objects', '--stdout', '--all', '--quiet'], ''))
  const thin = await git.bytes(
    ['pack-objects', '--stdout', '--quiet', '--thin', '--revs', '--window=50'],
    'main\n^main~3\n',
  )
  const found = objectsIn(thin, (id) => all.get(id) ?? null)
  expect(found.size).toBeGreaterThan(3)
  for (const [id, { content }] of found) expect(content.equals(await git.content(id))).toBe(true)
  expect(() => objectsIn(thin)).toThrow('without its base')
})

it('reads a chain of deltas as long as git lets one be, whatever the order', () => {
  const blobs = Array.from(
    { length: 4096 },
    (_, nth): GitObject => ({ type: 'blob', content: Buffer.from(`${nth}\n`) }),
  )
  const packed = blobs.map((object, nth) => {
    const base = blobs[nth - 1]
    return { object, delta: base && { base: objectIdOf(base), bytes: deltaOf(base.content, object.content) } }
  })
  const whole = packed.map(({ object, delta }) => ({ object, delta: delta ?? null }))
  for (const order of [whole, whole.toReversed()]) expect(objectsIn(packOf(order, 'anywhere')).size).toBe(4096)
})

it('never takes a pack that is cut or damaged for one with fewer objects', async () => {
  const git = await gitObjects()
  await history(git, 3)
  const pack = await git.bytes(['pack-objects', '--stdout', '--all', '--quiet'], '')
  const body = pack.subarray(0, -20)
  expect(objectsIn(withChecksum(body))).toEqual(objectsIn(pack))
  for (let length = 0; length < pack.length; length += 1) {
    expect(() => objectsIn(pack.subarray(0, length))).toThrow()
  }
  for (let length = 0; length < body.length; length += 1) {
    expect(() => objectsIn(withChecksum(body.subarray(0, length)))).toThrow()
  }
  for (let at = 0; at < pack.length; at += 1) {
    const damaged = Buffer.from(pack)
    damaged[at] = (damaged[at] ?? 0) ^ 0x10
    expect(() => objectsIn(damaged)).toThrow()
  }
})

const REFUSALS =
  /^(what zlib packed is damaged|a delta is (damaged|for another base)|the git server sent a (pack that is cut or damaged|pack with objects that can not be read|delta without its base))$/

it('refuses in words of its own what is damaged under a right checksum, and makes little room for it', async () => {
  const git = await gitObjects()
  await history(git, 12)
  const packs = await Promise.all(
    [['--delta-base-offset'], []].map((options) =>
      git.bytes(['pack-objects', '--stdout', '--all', '--quiet', ...options], ''),
    ),
  )
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.constantFrom(...packs), damage, (pack, bytes) => {
      const body = Buffer.from(pack.subarray(0, -20))
      for (const [place, byte] of bytes) body[12 + (place % (body.length - 12))] = byte
      const before = process.memoryUsage().arrayBuffers
      try {
        objectsIn(withChecksum(body))
      } catch (error) {
        expect(error).toMatchObject({ name: 'Error', message: expect.stringMatching(REFUSALS) })
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
    }),
    { numRuns: 1000 },
  )
})

it.each([
  ['a gigabyte', [0xb0, 0x80, 0x80, 0x80, 0x20]],
  ['more than a number holds', [0xb0, ...Array(200).fill(0xff), 1]],
  ['no number at all', [0xb0, ...Array(200).fill(0x80), 0]],
])('makes no room for an object that says it has %s', (_, header) => {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\x01', 'latin1')
  const pack = withChecksum(Buffer.concat([head, Buffer.from(header), deflateSync('small')]))
  const before = process.memoryUsage().arrayBuffers
  expect(() => objectsIn(pack)).toThrow('cut or damaged')
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
})

it('refuses a pack that has more in it, or less, than it says', async () => {
  const git = await gitObjects()
  await history(git, 3)
  const body = (await git.bytes(['pack-objects', '--stdout', '--all', '--quiet'], '')).subarray(0, -20)
  for (const wrong of [-1, 1]) {
    const other = Buffer.from(body)
    other.writeUInt32BE(body.readUInt32BE(8) + wrong, 8)
    expect(() => objectsIn(withChecksum(other))).toThrow()
  }
  expect(() => objectsIn(withChecksum(Buffer.concat([body, Buffer.from('more')])))).toThrow('cut or damaged')
})

it('writes packs that isomorphic-git reads as well', async () => {
  const git = await gitObjects()
  const objects: GitObject[] = ['', 'x\n', 'long '.repeat(10_000)].map((text) => ({
    type: 'blob',
    content: Buffer.from(text),
  }))
  const pack = packOf(
    objects.map((object) => ({ object, delta: null })),
    'anywhere',
  )
  const packs = join(git.dir, 'objects', 'pack')
  await mkdir(packs, { recursive: true })
  await writeFile(join(packs, 'pack-1.pack'), pack)
  const { oids } = await indexPack({ fs, dir: packs, gitdir: git.dir, filepath: 'pack-1.pack', cache: {} })
  const read = await Promise.all(
    oids.map((oid) => readObject({ fs, gitdir: git.dir, oid, format: 'content', cache: {} })),
  )
  const texts = read.map(({ object }) => Buffer.from(object as Uint8Array).toString())
  expect(texts.sort()).toEqual(objects.map(({ content }) => content.toString()).sort())
})
