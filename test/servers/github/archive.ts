/** A tar as `git archive` writes it: a global pax header with the commit's id, then folders before what is in them. */
import { type Commit, readContent } from './commits.ts'

const BLOCK = 512
/** POSIX ustar: a name has 100 bytes, a prefix another 155; what is longer goes into a pax header. */
const NAME_MAX = 100
const PREFIX_MAX = 155

/** The archive's blocks, everything below one folder `top`. */
export function* archiveOf(commit: Commit, top: string): Generator<Buffer> {
  const mtimeS = Math.floor(commit.atMs / 1000)
  yield* entry('pax_global_header', 'g', 0o666, mtimeS, paxRecord('comment', commit.sha))
  const folders = new Set<string>()
  for (const path of [...commit.files.keys()].sort()) {
    for (const folder of foldersOf(`${top}/${path}`)) {
      if (folders.has(folder)) continue
      folders.add(folder)
      yield* member(folder, '5', 0o775, mtimeS, Buffer.alloc(0))
    }
    const { kind, bytes } = readContent(commit.files.get(path) ?? '')
    if (kind === 'link') yield* member(`${top}/${path}`, '2', 0o777, mtimeS, bytes)
    else yield* member(`${top}/${path}`, '0', kind === 'executable' ? 0o775 : 0o664, mtimeS, bytes)
  }
  yield Buffer.alloc(2 * BLOCK)
}

const foldersOf = (path: string): string[] => {
  const parts = path.split('/')
  return parts.slice(1).map((_, at) => `${parts.slice(0, at + 1).join('/')}/`)
}

/** One member; a path or target that no ustar field holds is told in a pax header before it. */
function* member(path: string, type: '0' | '2' | '5', mode: number, mtimeS: number, bytes: Buffer): Generator<Buffer> {
  const target = type === '2' ? bytes.toString() : ''
  const split = splitOf(path)
  const records = [
    ...(split === null ? [paxRecord('path', path)] : []),
    ...(Buffer.byteLength(target) > NAME_MAX ? [paxRecord('linkpath', target)] : []),
  ]
  if (records.length > 0) yield* entry('pax_header', 'x', 0o666, mtimeS, Buffer.concat(records))
  const { prefix, name } = split ?? { prefix: '', name: path.slice(-40) }
  yield* entry(name, type, mode, mtimeS, type === '2' ? Buffer.alloc(0) : bytes, prefix, target.slice(0, NAME_MAX))
}

function splitOf(path: string): { prefix: string; name: string } | null {
  if (Buffer.byteLength(path) <= NAME_MAX) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at !== -1 && at < path.length - 1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= PREFIX_MAX && Buffer.byteLength(name) <= NAME_MAX) return { prefix, name }
  }
  return null
}

function* entry(
  name: string,
  type: string,
  mode: number,
  mtimeS: number,
  bytes: Buffer,
  prefix = '',
  target = '',
): Generator<Buffer> {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0)
  header.write(octal(mode, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(bytes.length, 11), 124)
  header.write(octal(mtimeS, 11), 136)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(target, 157)
  header.write('ustar\x0000', 257, 'latin1')
  header.write('root', 265)
  header.write('root', 297)
  header.write(octal(0, 7), 329)
  header.write(octal(0, 7), 337)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\0 `, 148, 'latin1')
  yield header
  if (bytes.length === 0) return
  yield bytes
  yield Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)
}

/** `<length> <key>=<value>\n`, the length counting itself (POSIX pax). */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
