import { gzipSync } from 'node:zlib'

export interface RawEntry {
  readonly path: string
  /** The type flag of the ustar format. */
  readonly flag?: string
  readonly body?: string | Buffer
  readonly linkpath?: string
  readonly mode?: number
  /** What the header claims, where that is not the body's length. */
  readonly size?: number
}

/** A ustar header and body, written byte by byte: whatever a hostile hand could write. */
export function entryBytes({ path, flag = '0', body = '', linkpath = '', mode = 0o644, size }: RawEntry): Buffer {
  const content = Buffer.from(body)
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  header.write(path, 0, 100)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size ?? content.length, 124, 12)
  octal(0, 136, 12)
  header.write(flag, 156, 1)
  header.write(linkpath, 157, 100)
  header.write('ustar\x0000', 257, 'latin1')
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** A pax header of these records, to stand before an entry (`x`) or before all (`g`). */
export function paxBytes(records: Readonly<Record<string, string>>, flag: 'x' | 'g' = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest + String(rest).length
    if (String(length).length > String(rest).length) length = rest + String(length).length
    return `${length} ${key}=${value}\n`
  })
  return entryBytes({ path: 'pax', flag, body: lines.join('') })
}

export const END = Buffer.alloc(1024)

/** A whole archive of entries (or of raw bytes), not yet packed. */
export const tarOf = (...entries: readonly (RawEntry | Buffer)[]): Buffer =>
  Buffer.concat([...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : entryBytes(entry))), END])

export const packed = (...entries: readonly (RawEntry | Buffer)[]): Buffer => gzipSync(tarOf(...entries))
