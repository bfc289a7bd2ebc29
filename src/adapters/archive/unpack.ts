import { constants } from 'node:fs'
import { link, lstat, mkdir, open, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { Terminal } from '../../domain/errors.ts'
import type { Log, Unpacker } from '../../ports.ts'
import { entryPartsOf, printable, refusedEntry } from './entry-path.ts'
import { ArchiveCorrupt, type TarEntry, tarEntriesOf } from './tar-entries.ts'
import { emptyTree, type Tree, tooMany } from './tree.ts'
import { type WriteQueue, writeQueue } from './write-queue.ts'

export interface ArchiveCaps {
  /** Of the unpacked archive, headers included. */
  readonly maxBytes: number
  readonly maxEntries: number
  /** Folders between the archive's top folder and an entry. */
  readonly maxDepth: number
  /** Unpacked bytes per packed byte. */
  readonly maxRatio: number
}

/** Below this the ratio says nothing: a few empty lines pack a thousand times. */
const RATIO_FLOOR_BYTES = 16 * 1024 * 1024
/** Files up to this size are written beside the reading. */
const SMALL_BYTES = 256 * 1024
const WRITES_AT_ONCE = 8
/** Links that are not made cost no waiting: after so many, whatever else there is to do gets its turn. */
const LINKS_AT_A_STRETCH = 200
/** Of links that were not made; the others are counted. */
const LINES_MAX = 20

/**
 * Unpacks GitHub's tar.gz ("Download a repository archive (tar)") as it comes. Nothing is ever written through a link:
 * links are made when all else is written, and only those that end inside the folder.
 * @throws {ArchiveCorrupt} cut, damaged, or followed by something else; whatever is thrown, `into` is removed
 */
export function tarUnpacker(caps: ArchiveCaps): Unpacker {
  return {
    async unpack(tarball, into, only, log, signal) {
      await makeNew(into)
      const writes = writeQueue(WRITES_AT_ONCE)
      try {
        signal.throwIfAborted()
        const tree = emptyTree(caps.maxEntries)
        const links = await pass(tarball, caps, signal, (entries) =>
          writeEntries(entries, tree, into, only, caps, writes),
        )
        await writes.done()
        await makeLinks(links, tree, into, log, signal)
        signal.throwIfAborted()
      } catch (error) {
        tarball.destroy()
        await writes.settled()
        await rm(into, { recursive: true, force: true })
        signal.throwIfAborted()
        throw error
      }
    },
  }
}

async function makeNew(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`)
}

/** Runs `use` over the archive's entries, and sees to what the stream as a whole must keep to. */
async function pass<T>(
  tarball: Readable,
  caps: ArchiveCaps,
  signal: AbortSignal,
  use: (entries: AsyncIterable<TarEntry>) => Promise<T>,
): Promise<T> {
  const gunzip = createGunzip()
  const seen = { packedBytes: 0, unpackedBytes: 0, headers: 0, name: '' }
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      seen.packedBytes += chunk.length
      yield chunk
    }
  }
  const unpacked = async function* () {
    for await (const chunk of gunzip) {
      seen.unpackedBytes += chunk.length
      if (seen.unpackedBytes > caps.maxBytes) {
        throw tooLarge(`unpacks to more than ${Math.floor(caps.maxBytes / 1_000_000)} MB`, seen.name)
      }
      if (seen.unpackedBytes > Math.max(RATIO_FLOOR_BYTES, gunzip.bytesWritten * caps.maxRatio)) {
        throw tooLarge(`unpacks to more than ${caps.maxRatio} times its size`, seen.name)
      }
      yield chunk
    }
  }
  const feeding = pipeline(tarball, count, gunzip, { signal })
  const fed = feeding.catch(() => {}) // what it fails with, gunzip is destroyed with: the reading throws it
  try {
    const result = await use(
      tarEntriesOf(unpacked(), (name) => {
        seen.name = name
        seen.headers += 1
        if (seen.headers > caps.maxEntries) throw new Terminal(tooMany(caps.maxEntries, name))
      }),
    )
    await feeding
    if (gunzip.bytesWritten !== seen.packedBytes) throw new ArchiveCorrupt('something follows its end')
    return result
  } catch (error) {
    if (!CUT.some((code) => isCode(error, code))) throw error
    throw new ArchiveCorrupt('it can not be unpacked to its end', { cause: error })
  } finally {
    gunzip.destroy()
    await fed
  }
}

/** Node.js, Zlib, "Error codes"; the last one where zeros follow the end of a gzip stream. */
const CUT = ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT', 'ERR_STREAM_PREMATURE_CLOSE']

const tooLarge = (rule: string, name: string): Terminal =>
  new Terminal(`The archive of this commit ${rule}; WeStage stopped at ${printable(name)}`)

interface WantedLink {
  readonly path: string
  readonly target: string
  readonly kind: 'symlink' | 'hardlink'
}

/** Writes folders and files. @returns the links, which are made at the end */
async function writeEntries(
  entries: AsyncIterable<TarEntry>,
  tree: Tree,
  into: string,
  only: readonly string[] | 'everything',
  caps: ArchiveCaps,
  writes: WriteQueue,
): Promise<readonly WantedLink[]> {
  const links: WantedLink[] = []
  const folders = new Set([into])
  let top: string | null = null
  for await (const entry of entries) {
    const [first, ...parts] = entryPartsOf(entry.path, caps.maxDepth)
    const kind = KINDS[entry.type]
    if (kind === undefined) throw refusedEntry(entry.path, `is neither file, folder nor link, but ${entry.type}`)
    if (first === undefined || (parts.length === 0 && kind !== 'folder'))
      throw refusedEntry(entry.path, 'is not in a folder')
    top ??= first
    if (first !== top) throw refusedEntry(entry.path, `is outside of the archive's top folder ${printable(top)}`)
    if (parts.length === 0) continue
    tree.add(parts, kind, entry.linkpath)
    const path = parts.join('/')
    if (!isWanted(path, only)) continue
    if (kind === 'folder') await makeFolder(join(into, path), folders)
    else if (kind === 'file') {
      await makeFolder(dirname(join(into, path)), folders)
      await writeEntry(entry, join(into, path), writes)
    } else if (kind === 'symlink') links.push({ path, target: entry.linkpath, kind })
    else {
      const [targetTop] = entry.linkpath.split('/', 1)
      links.push({ path, target: targetTop === top ? entry.linkpath.slice(top.length + 1) : entry.linkpath, kind })
    }
  }
  if (top === null) throw new ArchiveCorrupt('it holds no entry')
  return links
}

const KINDS: Readonly<Record<string, 'file' | 'folder' | 'symlink' | 'hardlink'>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
}

const isWanted = (path: string, only: readonly string[] | 'everything'): boolean =>
  only === 'everything' ||
  only.some((folder) => folder === '.' || folder === '' || path === folder || path.startsWith(`${folder}/`))

/** Makes a folder and those above it, none of which may be a link under a name that the file system takes for the same. */
async function makeFolder(path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return
  await makeFolder(dirname(path), made)
  await mkdir(path).catch(async (error: unknown) => {
    if (!isCode(error, 'EEXIST') || !(await lstat(path)).isDirectory()) throw error
  })
  made.add(path)
}

async function writeEntry(entry: TarEntry, path: string, writes: WriteQueue): Promise<void> {
  const mode = (entry.mode & 0o111) === 0 ? 0o644 : 0o755
  const flag = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const twice = (error: unknown): never => {
    if (isCode(error, 'EEXIST')) throw refusedEntry(entry.path, 'stands twice, as this file system reads names')
    throw error
  }
  if (entry.size <= SMALL_BYTES) {
    const chunks: Buffer[] = []
    for await (const chunk of entry.body()) chunks.push(chunk)
    await writes.add(() => writeFile(path, Buffer.concat(chunks), { mode, flag }).catch(twice))
    return
  }
  const file = await open(path, flag, mode).catch(twice)
  try {
    for await (const chunk of entry.body()) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}

/** Makes the links that end inside the tree, and says of the first others that they do not, and how many more. */
async function makeLinks(links: readonly WantedLink[], tree: Tree, into: string, log: Log, signal: AbortSignal) {
  const folders = new Set([into])
  let skipped = 0
  for (const [at, { path, target, kind }] of links.entries()) {
    if (at % LINKS_AT_A_STRETCH === 0) await setImmediate()
    signal.throwIfAborted()
    const skip = (why: string) => {
      skipped += 1
      if (skipped <= LINES_MAX) log(`The link ${printable(path)} to ${printable(target)} was not made: ${why}`)
    }
    if (kind === 'symlink') {
      if (!tree.staysInside(path)) {
        skip('it leaves the tree, or leads in a circle')
        continue
      }
      await makeFolder(dirname(join(into, path)), folders)
      await symlink(target, join(into, path))
      continue
    }
    if (!tree.isFile(target)) {
      skip('it is a hard link to something else than a file of the tree')
      continue
    }
    await makeFolder(dirname(join(into, path)), folders)
    await link(join(into, target), join(into, path)).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error
      skip('it is a hard link to a file that is not needed here')
    })
  }
  if (skipped > LINES_MAX) log(`${skipped - LINES_MAX} more links were not made`)
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
