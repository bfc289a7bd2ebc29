import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ArchiveCaps, tarUnpacker } from '../../../src/adapters/archive/unpack.ts'
import { END, entryBytes, packed, paxBytes, type RawEntry, tarOf } from './tar-bytes.ts'

const CAPS: ArchiveCaps = { maxBytes: 100e6, maxEntries: 1000, maxDepth: 10, maxRatio: 200 }
const NEVER = new AbortController().signal

let folder: string
let into: string
let log: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unpack-'))
  into = join(folder, 'into')
  log = []
})
afterEach(() => rmSync(folder, { recursive: true }))

interface How {
  readonly only?: readonly string[] | 'everything'
  readonly caps?: Partial<ArchiveCaps>
  readonly chunkBytes?: number
}

function unpack(archive: Buffer, { only = 'everything', caps = {}, chunkBytes = 65_536 }: How = {}): Promise<void> {
  const chunks = function* () {
    for (let at = 0; at < archive.length; at += chunkBytes) yield archive.subarray(at, at + chunkBytes)
  }
  const stream = Readable.from(chunks(), { objectMode: false })
  return tarUnpacker({ ...CAPS, ...caps }).unpack(stream, into, only, (line) => log.push(line), NEVER)
}

const unpackEntries = (...entries: readonly (RawEntry | Buffer)[]) => unpack(packed(...entries))

/** Path below `into` -> its text, `-> target` of a link, `/` of a folder. */
function tree(below = ''): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(join(into, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(into, path))}`
    else if (entry.isDirectory()) Object.assign(found, { [`${path}/`]: '/' }, tree(path))
    else found[path] = readFileSync(join(into, path), 'utf8')
  }
  return found
}

function gitArchive(): Buffer {
  const repo = join(folder, 'repo')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: repo })
  mkdirSync(join(repo, 'k8s/base'), { recursive: true })
  mkdirSync(join(repo, 'a'.repeat(90), 'b'.repeat(90), 'ü'.repeat(60)), { recursive: true })
  writeFileSync(join(repo, 'run.sh'), '#!/bin/sh\n')
  chmodSync(join(repo, 'run.sh'), 0o755)
  writeFileSync(join(repo, 'k8s/base/kustomization.yaml'), 'resources: []\n')
  writeFileSync(join(repo, 'k8s/base/empty'), '')
  writeFileSync(join(repo, 'a'.repeat(90), 'b'.repeat(90), 'ü'.repeat(60), 'deep'), 'deep\n')
  writeFileSync(join(repo, 'large'), Buffer.alloc(700_001, 'large '))
  symlinkSync('../base', join(repo, 'k8s/link'))
  symlinkSync('/etc/passwd', join(repo, 'k8s/outside'))
  git('init', '-q')
  git('add', '.')
  git('commit', '-q', '-m', 'one')
  return git('archive', '--format=tar.gz', '--prefix=owner-repo-0123abc/', 'HEAD')
}

describe('an archive that git made', () => {
  it('is unpacked as it was committed, without its top folder', async () => {
    const archive = gitArchive()
    for (const chunkBytes of [1000, 1_000_000]) {
      into = join(folder, `into-${chunkBytes}`)
      await unpack(archive, { chunkBytes })
      execFileSync('git', [
        '--work-tree',
        into,
        '-C',
        join(folder, 'repo'),
        'diff',
        '--exit-code',
        '--',
        '.',
        ':!k8s/outside',
      ])
      expect(lstatSync(join(into, 'run.sh')).mode & 0o777).toBe(0o755)
      expect(readlinkSync(join(into, 'k8s/link'))).toBe('../base')
      expect(existsSync(join(into, 'k8s/outside'))).toBe(false)
      expect(log.pop()).toBe(
        'The link "k8s/outside" to "/etc/passwd" was not made: it leaves the tree, or leads in a circle',
      )
    }
  })

  it('is written only below the folders asked for', async () => {
    await unpack(gitArchive(), { only: ['k8s/base'] })
    expect(Object.keys(tree()).toSorted()).toEqual([
      'k8s/',
      'k8s/base/',
      'k8s/base/empty',
      'k8s/base/kustomization.yaml',
    ])
    expect(log).toEqual([])
  })

  it('is an error when it is cut anywhere, and nothing of it stays', async () => {
    const archive = gitArchive()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: archive.length - 1 }), async (length) => {
        await expect(unpack(archive.subarray(0, length))).rejects.toThrow()
        expect(existsSync(into)).toBe(false)
      }),
      { numRuns: 150 },
    )
  })

  it('is an error when it was cut before it was packed, until its end is there', async () => {
    const tar = gunzipSync(gitArchive())
    const endsAt = tar.length - [...tar].toReversed().findIndex((byte) => byte !== 0)
    const minimum = Math.ceil(endsAt / 512) * 512 + 1024
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: 0, max: minimum - 1 }), fc.constant(minimum - 512)),
        async (length) => {
          await expect(unpack(gzipSync(tar.subarray(0, length), { level: 1 }))).rejects.toThrow()
          expect(existsSync(into)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is an error when a byte of it changed, or the same tree', async () => {
    const archive = gitArchive()
    await unpack(archive)
    const whole = tree()
    rmSync(into, { recursive: true })
    await fc.assert(
      // The header's time, flags and name of system say nothing of the content: RFC 1952, 2.3.
      fc.asyncProperty(
        fc.integer({ min: 10, max: archive.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const changed = Buffer.from(archive)
          changed[at] = (changed[at] ?? 0) ^ flip
          const failed = await unpack(changed).catch((error: Error) => error)
          if (failed === undefined) {
            expect(tree()).toEqual(whole)
            rmSync(into, { recursive: true })
          } else expect(existsSync(into)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a hostile entry is refused by its name', () => {
  const x: RawEntry = { path: 'x/', flag: '5' }
  const link = (path: string, linkpath: string): RawEntry => ({ path, linkpath, flag: '2' })
  const cases: [string, (RawEntry | Buffer)[], string][] = [
    ['an absolute path', [x, { path: '/etc/cron.d/x' }], '"/etc/cron.d/x" is an absolute path'],
    ['a path that climbs', [x, { path: 'x/../../y' }], '"x/../../y" climbs'],
    ['a path that climbs within the tree', [x, { path: 'x/a/../b' }], '"x/a/../b" climbs'],
    ['a path that climbs, told by pax', [x, paxBytes({ path: 'x/../y' }), { path: 'x/y' }], '"x/../y" climbs'],
    [
      'a path that climbs, told by a GNU long name',
      [x, entryBytes({ path: '././@LongLink', flag: 'L', body: 'x/../y\0' }), { path: 'x/y' }],
      'climbs',
    ],
    ['a path that climbs, told by the prefix', [x, withPrefix('x/../y', 'z')], '"x/../y/z" climbs'],
    ['a path that climbs by backslashes', [x, { path: 'x/..\\..\\y' }], 'climbs'],
    ['a path with a drive', [x, { path: 'C:\\x' }], 'is an absolute path'],
    ['a NUL in a path', [x, paxBytes({ path: 'x/a\0b' }), { path: 'x/y' }], '"x/a\\u0000b" has a control character'],
    ['a line break in a path', [x, { path: 'x/a\nb' }], 'has a control character'],
    ['an escape sequence in a path', [x, { path: 'x/\x1b[2J' }], 'has a control character'],
    [
      'a character device',
      [x, { path: 'x/null', flag: '3' }],
      '"x/null" is neither file, folder nor link, but CharacterDevice',
    ],
    ['a block device', [x, { path: 'x/sda', flag: '4' }], 'but BlockDevice'],
    ['a fifo', [x, { path: 'x/pipe', flag: '6' }], 'but FIFO'],
    ['a sparse file', [x, { path: 'x/s', flag: 'S' }], 'but SparseFile'],
    ['a type that nobody knows', [x, { path: 'x/s', flag: 'Z' }], 'is neither'],
    ['a path that is too deep', [x, { path: `x/${'d/'.repeat(11)}f` }], 'is more than 10 folders deep'],
    [
      'a path that is too long',
      [x, paxBytes({ path: `x/${Array(9).fill('n'.repeat(250)).join('/')}` }), { path: 'x/y' }],
      'is longer than 2000 bytes',
    ],
    [
      'a name that is too long',
      [x, paxBytes({ path: `x/${'ü'.repeat(128)}` }), { path: 'x/y' }],
      'has a name of more than 255 bytes',
    ],
    ['a path through a link', [x, link('x/l', '.'), { path: 'x/l/f' }], '"l/f" passes through the link "l"'],
    [
      'a path through a link that is not made',
      [x, link('x/l', '/etc'), { path: 'x/l/passwd' }],
      '"l/passwd" passes through the link "l"',
    ],
    [
      'a folder through a link',
      [x, link('x/l', '/tmp'), { path: 'x/l/', flag: '5' }],
      '"l" stands twice: as a symlink and as a folder',
    ],
    [
      'a link in place of a folder',
      [x, { path: 'x/d/f' }, link('x/d', '/etc')],
      '"d" stands twice: as a folder and as a symlink',
    ],
    [
      'a link in place of a file',
      [x, { path: 'x/f' }, link('x/f', '/etc/passwd')],
      '"f" stands twice: as a file and as a symlink',
    ],
    [
      'a file in place of a link',
      [x, link('x/f', '/etc/passwd'), { path: 'x/f' }],
      '"f" stands twice: as a symlink and as a file',
    ],
    [
      'a file through a hard link',
      [x, { path: 'x/h', flag: '1', linkpath: 'x/f' }, { path: 'x/h/f' }],
      'passes through the link "h"',
    ],
    ['a path below a file', [x, { path: 'x/f' }, { path: 'x/f/g' }], '"f/g" lies below the file "f"'],
    ['a second top folder', [x, { path: 'y/f' }], `"y/f" is outside of the archive's top folder "x"`],
    ['a file instead of a top folder', [{ path: 'x' }], '"x" is not in a folder'],
  ]
  it.each(cases)('%s', async (_, entries, message) => {
    await expect(unpackEntries({ path: 'x/before', body: 'before' }, ...entries)).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'author',
      message: expect.stringContaining(message),
    })
    expect(existsSync(into)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })
})

function withPrefix(prefix: string, path: string): Buffer {
  const header = Buffer.from(entryBytes({ path }))
  header.write(prefix, 345, 'latin1')
  header.fill(' ', 148, 156)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  )
  return header
}

describe('a cap that is passed is said with the entry at which', () => {
  it('of entries, those that are not written included', async () => {
    const many = packed(...Array.from({ length: 12 }, (_, at) => ({ path: `x/f${at}` })))
    await expect(unpack(many, { caps: { maxEntries: 10 }, only: ['none'] })).rejects.toMatchObject({
      name: 'Terminal',
      message: 'The archive of this commit has more than 10 entries; WeStage stopped at "x/f10"',
    })
  })

  it('of entries, folders that are only implied included', async () => {
    await expect(unpack(packed({ path: 'x/a/b/c/d/e' }), { caps: { maxEntries: 4 } })).rejects.toThrow('more than 4')
  })

  it('of bytes', async () => {
    const noise = Buffer.from(Array.from({ length: 3e6 }, (_, at) => (at * 2654435761) >>> 13))
    await expect(unpack(packed({ path: 'x/noise', body: noise }), { caps: { maxBytes: 2e6 } })).rejects.toMatchObject({
      name: 'Terminal',
      message: 'The archive of this commit unpacks to more than 2 MB; WeStage stopped at "x/noise"',
    })
    expect(existsSync(into)).toBe(false)
  })

  it('of the ratio, while it is unpacked', async () => {
    const bomb = packed({ path: 'x/bomb', body: Buffer.alloc(40_000_000) })
    await expect(unpack(bomb)).rejects.toMatchObject({
      name: 'Terminal',
      message: 'The archive of this commit unpacks to more than 200 times its size; WeStage stopped at "x/bomb"',
    })
    expect(existsSync(into)).toBe(false)
  })

  it('but a small archive may pack as well as it likes', async () => {
    await unpack(packed({ path: 'x/zeros', body: Buffer.alloc(2_000_000) }), { caps: { maxRatio: 2 } })
    expect(lstatSync(join(into, 'zeros')).size).toBe(2_000_000)
  })
})

describe('links', () => {
  const link = (path: string, linkpath: string): RawEntry => ({ path, linkpath, flag: '2' })

  it.each([
    ['absolute', [link('x/l', '/etc')]],
    ['climbing', [link('x/l', '..')]],
    ['climbing from below', [link('x/l', 'a/b/m'), link('x/a/b/m', '../../../y')]],
    ['climbing after a name', [link('x/l', 'a/../../y')]],
    ['through one that comes before', [link('x/a/up', '..'), link('x/l', 'a/up/../y')]],
    ['through one that comes after', [link('x/l', 'a/up/../y'), link('x/a/up', '..')]],
    ['through one that is absolute', [link('x/l', 'm/y'), link('x/m', '/etc')]],
    ['in a circle', [link('x/l', 'm'), link('x/m', 'l')]],
    ['with a NUL', [paxBytes({ linkpath: 'a\0b' }), link('x/l', 'a')]],
    ['without a target', [paxBytes({ linkpath: '' }), link('x/l', 'a')]],
    ['longer than any path', [paxBytes({ linkpath: 'a/'.repeat(3000) }), link('x/l', 'a')]],
  ])('a symlink that leaves the tree is not made, and the log says so: %s', async (_, entries) => {
    await unpackEntries({ path: 'x/f', body: 'f' }, ...entries)
    expect(tree()).toMatchObject({ f: 'f' })
    expect(tree()).not.toHaveProperty('l')
    expect(log.join('\n')).toContain('The link "l" to ')
  })

  it('are made where they stay inside', async () => {
    await unpackEntries(
      { path: 'x/a/f', body: 'f' },
      link('x/b/c', '../a'),
      link('x/d', 'b/c/f'),
      link('x/e', '.'),
      link('x/g', 'not there'),
    )
    expect(tree()).toMatchObject({ 'b/c': '-> ../a', d: '-> b/c/f', e: '-> .', g: '-> not there' })
    expect(readFileSync(join(into, 'd'), 'utf8')).toBe('f')
    expect(log).toEqual([])
  })

  it('that are hard are made to files of the tree, and to nothing else', async () => {
    const hard = (path: string, linkpath: string): RawEntry => ({ path, linkpath, flag: '1' })
    writeFileSync(join(folder, 'outside'), 'secret')
    await unpackEntries(
      { path: 'x/f', body: 'f' },
      hard('x/good', 'x/f'),
      hard('x/up', 'x/../../outside'),
      hard('x/abs', join(folder, 'outside')),
      link('x/s', 'f'),
      hard('x/link', 'x/s'),
      hard('x/none', 'x/none2'),
    )
    expect(tree()).toEqual({ f: 'f', good: 'f', s: '-> f' })
    expect(log).toHaveLength(4)
  })
})

describe('links made to take long', () => {
  const link = (path: string, linkpath: string): RawEntry => ({ path, linkpath, flag: '2' })
  /** A link by a way of 1,601 names, which is every other's way that leads through it. */
  const longWay = [{ path: 'x/d/f', body: 'f' }, paxBytes({ linkpath: `${'d/../'.repeat(800)}d` }), link('x/way', 'd')]

  it('are refused when all of them together lead through too many names', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => link(`x/l${at}`, 'way'))
    await expect(unpack(packed(...longWay, ...many), { caps: { maxEntries: 5000 } })).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'author',
      message: 'The links in the archive of this commit lead through more than 4000000 names',
    })
    expect(existsSync(into)).toBe(false)
  })

  it('give way to an abort, though none of them is made', async () => {
    const many = Array.from({ length: 5000 }, (_, at) => link(`x/l${at}`, '..'))
    const controller = new AbortController()
    let lines = 0
    const unpacking = tarUnpacker({ ...CAPS, maxEntries: 6000 }).unpack(
      Readable.from([packed(...many)]),
      into,
      'everything',
      () => {
        lines += 1
        setImmediate(() => controller.abort(new Error('newer')))
      },
      controller.signal,
    )
    await expect(unpacking).rejects.toThrow('newer')
    expect(lines).toBe(20)
  })

  it('are told of one by one for the first 20 that are not made, then as a number', async () => {
    await unpackEntries({ path: 'x/f' }, ...Array.from({ length: 33 }, (_, at) => link(`x/l${at}`, '..')))
    expect(log).toHaveLength(21)
    expect(log[19]).toContain('The link "l19" to ".." was not made')
    expect(log[20]).toBe('13 more links were not made')
  })

  it('that are hard are not looked up by names that no file can have', async () => {
    const shared = paxBytes({ linkpath: `x/${'a/'.repeat(100_000)}` }, 'g')
    const many = Array.from({ length: 900 }, (_, at): RawEntry => ({ path: `x/h${at}`, flag: '1' }))
    await unpackEntries(shared, { path: 'x/f' }, ...many)
    expect(log).toHaveLength(21)
    expect(log[0]?.length).toBeLessThan(400)
  })
})

it('keeps of the mode only whether a file can be executed', async () => {
  await unpackEntries({ path: 'x/a', mode: 0o6777 }, { path: 'x/b', mode: 0o600 }, { path: 'x/c/', flag: '5', mode: 0 })
  const mode = (path: string) => (lstatSync(join(into, path)).mode & 0o7777) | 0o022
  expect([mode('a'), mode('b'), mode('c') & 0o700]).toEqual([0o777, 0o666, 0o700])
})

describe('a damaged archive is an error', () => {
  const f: RawEntry = { path: 'x/f', body: 'f' }
  const flipped = Buffer.from(entryBytes(f))
  flipped[0] = 0x79
  it.each([
    ['that is empty', Buffer.alloc(0)],
    ['that is empty once unpacked', gzipSync(Buffer.alloc(0))],
    ['that is not packed', tarOf(f)],
    ['that is a web page', Buffer.from('<html>Unicorn!</html>')],
    ['that is a packed web page', gzipSync('<html>Unicorn!</html>'.repeat(100))],
    ['without an entry', packed()],
    ['with a wrong checksum', packed(flipped)],
    ['without an end', gzipSync(entryBytes(f))],
    ['with half an end', gzipSync(Buffer.concat([entryBytes(f), END.subarray(512)]))],
    ['that goes on after a zero block', packed(entryBytes(f), END.subarray(512), f)],
    ['that goes on after its end', packed(f, END, f)],
    ['with a byte after its end', gzipSync(Buffer.concat([tarOf(f), Buffer.from([0])]))],
    ['with garbage behind', Buffer.concat([packed(f), Buffer.from('garbage')])],
    ['with zeros behind', Buffer.concat([packed(f), Buffer.alloc(512)])],
    ['with a size beyond its end', packed({ ...f, size: 1_000_000 })],
    ['with a size that is no number', packed(paxBytes({ size: '-1' }), f)],
    ['with a pax header that is no pax header', packed(entryBytes({ path: 'pax', flag: 'x', body: '99 path=x\n' }), f)],
    ['with a pax header without end', packed(entryBytes({ path: 'pax', flag: 'x', body: '13 path=x/abc' }), f)],
    ['with a pax header of 2 MB', packed(entryBytes({ path: 'pax', flag: 'x', body: Buffer.alloc(2e6) }), f)],
    ['with a sparse map', packed(paxBytes({ 'GNU.sparse.major': '1' }), f)],
  ])('%s', async (_, archive) => {
    await expect(unpack(archive)).rejects.toMatchObject({ name: 'ArchiveCorrupt' })
    expect(existsSync(into)).toBe(false)
  })
})

it('leaves a folder alone that has something in it', async () => {
  mkdirSync(into)
  writeFileSync(join(into, 'mine'), 'mine')
  await expect(unpackEntries({ path: 'x/f' })).rejects.toThrow('is not empty')
  expect(tree()).toEqual({ mine: 'mine' })
})

it('passes on what the download failed with, and removes what was written', async () => {
  const whole = packed({ path: 'x/f', body: 'f' })
  const failing = async function* () {
    yield whole.subarray(0, 40)
    throw new Error('ECONNRESET')
  }
  const unpacking = tarUnpacker(CAPS).unpack(Readable.from(failing()), into, 'everything', () => {}, NEVER)
  await expect(unpacking).rejects.toThrow('ECONNRESET')
  expect(existsSync(into)).toBe(false)
})

it('removes what it wrote before a file could not be written', async () => {
  const halves = [entryBytes({ path: 'x/f', body: 'f' }), tarOf({ path: 'x/g', body: 'g' })]
  const interfering = async function* () {
    yield gzipSync(halves[0] ?? '')
    await vi.waitFor(() => expect(existsSync(join(into, 'f'))).toBe(true))
    mkdirSync(join(into, 'g'))
    yield gzipSync(halves[1] ?? '')
  }
  const unpacking = tarUnpacker(CAPS).unpack(Readable.from(interfering()), into, 'everything', () => {}, NEVER)
  await expect(unpacking).rejects.toThrow('"x/g" stands twice, as this file system reads names')
  expect(existsSync(into)).toBe(false)
})

it('stops within a second of an abort, midway, and leaves nothing', async () => {
  const controller = new AbortController()
  const archive = packed({ path: 'x/first', body: 'first' }, { path: 'x/second', body: 'second' })
  const stalling = new Readable({ read: () => {} })
  stalling.push(archive.subarray(0, archive.length - 12))
  const unpacking = tarUnpacker(CAPS)
    .unpack(stalling, into, 'everything', () => {}, controller.signal)
    .catch((error: Error) => error.message)
  await vi.waitFor(() => expect(readFileSync(join(into, 'first'), 'utf8')).toBe('first'))
  const abortedAtMs = performance.now()
  controller.abort(new Error('newer'))
  expect(await unpacking).toBe('newer')
  expect(performance.now() - abortedAtMs).toBeLessThan(1000)
  expect(existsSync(into)).toBe(false)
  expect(stalling.destroyed).toBe(true)
})

it('starts nothing after an abort', async () => {
  const signal = AbortSignal.abort(new Error('newer'))
  const stream = Readable.from([packed({ path: 'x/f' })])
  await expect(tarUnpacker(CAPS).unpack(stream, into, 'everything', () => {}, signal)).rejects.toThrow('newer')
  expect(existsSync(into)).toBe(false)
})
