import { Header } from 'tar'
import { type ByteReader, byteReaderOf } from './byte-reader.ts'

/** The archive is not a whole, sound tar.gz: a download that broke, or not an archive at all. */
export class ArchiveCorrupt extends Error {
  override readonly name = 'ArchiveCorrupt'
}

export interface TarEntry {
  /** As the archive has it. */
  readonly path: string
  /** `File`, `Directory`, `SymbolicLink`, `Link`, or what else tar knows. */
  readonly type: string
  readonly linkpath: string
  readonly mode: number
  readonly size: number
  /** Its bytes; what is not taken is skipped. */
  readonly body: () => AsyncGenerator<Buffer>
}

const BLOCK_BYTES = 512
/** Of what a header before an entry (a pax record, a long name) may hold. */
const META_MAX_BYTES = 1024 * 1024
const META = ['ExtendedHeader', 'GlobalExtendedHeader', 'NextFileHasLongPath', 'NextFileHasLongLinkpath']

/**
 * The entries of a tar stream, one after the other, each with the pax records and GNU long names that belong to it.
 * POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header". Reads until the end of the stream.
 * @param onHeader called with the path in each header, before its body is read
 * @throws {ArchiveCorrupt} a bad checksum, an end before the two zero blocks, anything but zeros after them
 */
export async function* tarEntriesOf(
  source: AsyncIterable<Buffer>,
  onHeader: (path: string) => void,
): AsyncGenerator<TarEntry> {
  const reader = byteReaderOf(source)
  let global: Records = {}
  let own: Records = {}
  for (;;) {
    const block = await wholeBlock(reader)
    if (isZero(block)) return await readEnd(reader)
    const { path, type, linkpath, mode, size } = headerOf(block, { ...global, ...own })
    onHeader(path)
    if (META.includes(type)) {
      const text = await metaOf(reader, size)
      if (type === 'GlobalExtendedHeader') global = { ...global, ...recordsOf(text) }
      else if (type === 'ExtendedHeader') own = { ...own, ...recordsOf(text) }
      else own = { ...own, [type === 'NextFileHasLongPath' ? 'path' : 'linkpath']: text.split('\0', 1)[0] ?? '' }
      continue
    }
    own = {}
    const body = bodyOf(reader, size)
    yield { path, type, linkpath, mode, size, body: () => body }
    for await (const _ of body);
  }
}

interface Records {
  readonly path?: string
  readonly linkpath?: string
  readonly size?: string
}

function headerOf(block: Buffer, records: Records) {
  const header = new Header(block)
  if (!header.cksumValid) throw new ArchiveCorrupt('a header has a wrong checksum')
  const isMeta = META.includes(header.type)
  const size = isMeta || records.size === undefined ? header.size : Number(records.size)
  if (size === undefined || !Number.isSafeInteger(size) || size < 0) {
    throw new ArchiveCorrupt('a header has no size that can be read')
  }
  const hasNoBody = ['Link', 'SymbolicLink', 'Directory'].includes(header.type)
  return {
    path: (isMeta ? undefined : records.path) ?? header.path ?? '',
    linkpath: (isMeta ? undefined : records.linkpath) ?? header.linkpath ?? '',
    type: header.type,
    mode: header.mode ?? 0,
    size: hasNoBody ? 0 : size,
  }
}

/** The records of a pax header that matter here. Each is `<length> <key>=<value>\n`, its length in bytes. */
function recordsOf(text: string): Records {
  const bytes = Buffer.from(text, 'utf8')
  const found: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space)
    const end = at + Number(digits)
    const record = bytes.toString('utf8', space + 1, end)
    const equals = record.indexOf('=')
    if (!/^[1-9][0-9]{0,6}$/.test(digits) || end > bytes.length || !record.endsWith('\n') || equals < 1) {
      throw new ArchiveCorrupt('a pax header can not be read')
    }
    found[record.slice(0, equals)] = record.slice(equals + 1, -1)
    at = end
  }
  if (Object.keys(found).some((key) => key.startsWith('GNU.sparse.'))) {
    throw new ArchiveCorrupt('a pax header tells of a sparse file')
  }
  const { path, linkpath, size } = found
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
    ...(size === undefined ? {} : { size }),
  }
}

async function metaOf(reader: ByteReader, size: number): Promise<string> {
  if (size > META_MAX_BYTES) throw new ArchiveCorrupt(`a header of ${size} bytes stands before an entry`)
  const chunks: Buffer[] = []
  for await (const chunk of bodyOf(reader, size)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function* bodyOf(reader: ByteReader, size: number): AsyncGenerator<Buffer> {
  for (let left = size; left > 0; ) {
    const chunk = await reader.some(left)
    if (chunk === null) throw new ArchiveCorrupt('it ends inside an entry')
    left -= chunk.length
    yield chunk
  }
  const padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES
  if ((await reader.exactly(padding)) === null) throw new ArchiveCorrupt('it ends inside an entry')
}

async function wholeBlock(reader: ByteReader): Promise<Buffer> {
  const block = await reader.exactly(BLOCK_BYTES)
  if (block === null) throw new ArchiveCorrupt('it ends without an end of archive')
  return block
}

/** One zero block has been read: a second must follow, and nothing but zeros in whole blocks behind it. */
async function readEnd(reader: ByteReader): Promise<void> {
  if (!isZero(await wholeBlock(reader))) throw new ArchiveCorrupt('a zero block stands between two entries')
  for (let length = 0; ; ) {
    const rest = await reader.some(Number.MAX_SAFE_INTEGER)
    if (rest === null && length % BLOCK_BYTES === 0) return
    if (rest === null || !isZero(rest)) throw new ArchiveCorrupt('something follows its end')
    length += rest.length
  }
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0)
