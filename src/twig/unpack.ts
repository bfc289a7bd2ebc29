/** Reads git's pack files (git documentation: gitformat-pack). */
import { createHash } from 'node:crypto'
import { applyDelta } from './delta.ts'
import { type GitObject, type ObjectType, objectIdOf } from './git-object.ts'
import { openInflate } from './inflate.ts'

const CHECKSUM_BYTES = 20
const HEADER_BYTES = 12
const TYPES: Record<number, ObjectType | undefined> = { 1: 'commit', 2: 'tree', 3: 'blob' }
const OFFSET_DELTA = 6
const REFERENCE_DELTA = 7
const TAG = 4

interface Entry {
  readonly type: number
  readonly size: number
  /** An offset in the pack, or an id; null for a whole object. */
  readonly base: number | string | null
  /** Where its packed bytes begin. */
  readonly data: number
}

/**
 * The objects of a pack, each handed to `visit`. A base that is not in the pack is asked for. Little memory is taken
 * beside the pack, however much it holds: a whole object is followed by what is a delta to it, by what is one to that,
 * and so on, so that the contents of one such chain are there at a time. What `visit` gets is overwritten after it
 * returns: what is to stay, it copies.
 * @throws where it is not a whole pack, or an object of it can't be read: a cut answer must not become less of a history
 */
export function unpack(
  pack: Buffer,
  baseOf: (id: string) => GitObject | null,
  visit: (id: string, object: GitObject) => void,
): void {
  checkPack(pack)
  const inflate = openInflate()
  const roomOf = roomsByLevel()
  const { wholes, deltasOf } = contentsOf(pack, ({ data, size }) => inflate(pack, data, roomOf(0, size)))
  const inflated = ({ data, size }: Entry, level: number): Buffer => {
    const content = roomOf(level, size)
    inflate(pack, data, content)
    return content
  }

  const taken = (base: number | string): number[] => {
    const deltas = deltasOf.get(base) ?? []
    deltasOf.delete(base)
    return deltas
  }
  const found = (start: number, object: GitObject): Followed => {
    const id = objectIdOf(object)
    visit(id, object)
    return { object, deltas: [...taken(start), ...taken(id)] }
  }
  /** Visits the deltas to an object, and those to them. Without recursion: git lets a chain be 4095 long. */
  const follow = (first: Followed) => {
    const chain = [first]
    for (let last = chain.at(-1); last !== undefined; last = chain.at(-1)) {
      const { object, deltas } = last
      const start = deltas.pop()
      if (start === undefined) chain.pop()
      else {
        const delta = inflated(entryAt(pack, start), 0)
        const content = applyDelta(object.content, delta, (bytes) => roomOf(chain.length + 1, bytes))
        chain.push(found(start, { type: object.type, content }))
      }
    }
  }

  for (const start of wholes) {
    const entry = entryAt(pack, start)
    const type = TYPES[entry.type]
    if (type !== undefined) follow(found(start, { type, content: inflated(entry, 1) }))
  }
  for (const base of [...deltasOf.keys()]) {
    const object = typeof base === 'string' && deltasOf.has(base) ? baseOf(base) : null
    if (object !== null) follow({ object, deltas: taken(base) })
  }
  if (deltasOf.size > 0) throw new Error('the git server sent a delta without its base')
}

/** An object, and where those deltas to it begin that are still to be read. */
interface Followed {
  readonly object: GitObject
  readonly deltas: number[]
}

interface Contents {
  /** Where the objects begin that are no deltas. */
  readonly wholes: readonly number[]
  /** Base -> where the deltas to it begin. */
  readonly deltasOf: Map<number | string, number[]>
}

/** @param endOf inflates what an entry holds, and gives where that ends: a pack does not say */
function contentsOf(pack: Buffer, endOf: (entry: Entry) => number): Contents {
  const wholes: number[] = []
  const deltasOf = new Map<number | string, number[]>()
  let at = HEADER_BYTES
  for (let left = pack.readUInt32BE(8); left > 0; left -= 1) {
    const entry = entryAt(pack, at)
    if (entry.base !== null) {
      const others = deltasOf.get(entry.base)
      if (others === undefined) deltasOf.set(entry.base, [at])
      else others.push(at)
    } else if (TYPES[entry.type] !== undefined) wholes.push(at)
    else if (entry.type !== TAG) throw new Error('the git server sent a pack with objects that can not be read')
    if (!(entry.size <= (pack.length - at) * PACKED_MOST)) throw new Error(CUT_OR_DAMAGED)
    at = endOf(entry)
  }
  if (at !== pack.length - CHECKSUM_BYTES) throw new Error(CUT_OR_DAMAGED)
  return { wholes, deltasOf }
}

/** zlib makes nothing smaller than by a factor of 1032 (zlib's "Technical Details"): no room is made for what says so. */
const PACKED_MOST = 1100
const ROOM_MIN_BYTES = 4 * 1024

/** Room for one content at each level of a chain of deltas, used again and again. */
function roomsByLevel(): (level: number, bytes: number) => Buffer {
  const all: Buffer[] = []
  return (level, bytes) => {
    const room = all[level]
    if (room !== undefined && room.length >= bytes) return room.subarray(0, bytes)
    const larger = Buffer.allocUnsafeSlow(Math.max(ROOM_MIN_BYTES, bytes))
    all[level] = larger
    return larger.subarray(0, bytes)
  }
}

const CUT_OR_DAMAGED = 'the git server sent a pack that is cut or damaged'

function entryAt(pack: Buffer, start: number): Entry {
  const { type, size, end } = headerAt(pack, start)
  if (type === OFFSET_DELTA) {
    const distance = distanceAt(pack, end)
    return { type, size, base: start - distance.value, data: distance.end }
  }
  if (type === REFERENCE_DELTA) {
    const data = end + CHECKSUM_BYTES
    return { type, size, base: pack.toString('hex', end, data), data }
  }
  return { type, size, base: null, data: end }
}

/** @throws where it is not a whole pack */
function checkPack(pack: Buffer): void {
  const body = pack.subarray(0, -CHECKSUM_BYTES)
  const isWhole =
    pack.length >= HEADER_BYTES + CHECKSUM_BYTES &&
    pack.toString('latin1', 0, 4) === 'PACK' &&
    pack.readUInt32BE(4) === 2 &&
    createHash('sha1').update(body).digest().equals(pack.subarray(-CHECKSUM_BYTES))
  if (!isWhole) throw new Error(CUT_OR_DAMAGED)
}

/** The type and 4 bits of the size, then 7 bits of it a byte, the lowest first. */
function headerAt(pack: Buffer, start: number): { readonly type: number; readonly size: number; readonly end: number } {
  let at = start
  let byte = byteAt(pack, at)
  const type = (byte >> 4) & 7
  let size = byte & 0x0f
  let factor = 16
  while ((byte & 0x80) !== 0) {
    at += 1
    byte = byteAt(pack, at)
    size += (byte & 0x7f) * factor
    factor *= 128
  }
  return { type, size, end: at + 1 }
}

/** An offset delta's distance: 7 bits a byte, the highest first, and one more for each byte that goes on. */
function distanceAt(pack: Buffer, start: number): { readonly value: number; readonly end: number } {
  let at = start
  let byte = byteAt(pack, at)
  let value = byte & 0x7f
  while ((byte & 0x80) !== 0) {
    at += 1
    byte = byteAt(pack, at)
    value = (value + 1) * 128 + (byte & 0x7f)
  }
  return { value, end: at + 1 }
}

function byteAt(pack: Buffer, at: number): number {
  const byte = pack[at]
  if (byte === undefined) throw new Error(CUT_OR_DAMAGED)
  return byte
}
