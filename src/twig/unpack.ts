/** Reads git's pack files (git documentation: gitformat-pack). */
import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { applyDelta } from './delta.ts'
import { type GitObject, type ObjectType, objectIdOf } from './git-object.ts'
import { objectsAtHand } from './objects.ts'

const CHECKSUM_BYTES = 20
const HEADER_BYTES = 12
const TYPES: Record<number, ObjectType | undefined> = { 1: 'commit', 2: 'tree', 3: 'blob' }
const OFFSET_DELTA = 6
const REFERENCE_DELTA = 7
const TAG = 4

/** Contents of a pack that are kept while it is read: a delta's base is mostly what was read a moment ago. */
const KEPT_BYTES = 4 * 1024 * 1024

interface Entry {
  readonly type: number
  readonly size: number
  /** An offset in the pack, or an id; null for a whole object. */
  readonly base: number | string | null
  /** Where its packed bytes begin. */
  readonly data: number
}

/**
 * The objects of a pack, each handed to `visit`. A base that is not in the pack is asked for. Little of it is kept: what
 * is needed once more is read once more.
 * @throws where it is not a whole pack, or an object of it can't be read: a cut answer must not become less of a history
 */
export function unpack(
  pack: Buffer,
  baseOf: (id: string) => GitObject | null,
  visit: (id: string, object: GitObject) => void,
): void {
  checkPack(pack)
  const kept = objectsAtHand(() => KEPT_BYTES)
  const offsetOf = new Map<string, number>()
  const found = (at: number, object: GitObject) => {
    const id = objectIdOf(object)
    offsetOf.set(id, at)
    kept.put(String(at), object)
    visit(id, object)
  }
  const deltas: number[] = []
  let at = HEADER_BYTES
  for (let left = pack.readUInt32BE(8); left > 0; left -= 1) {
    const entry = entryAt(pack, at)
    const { content, length } = inflatedAt(pack, entry.data, entry.size)
    const type = TYPES[entry.type]
    if (entry.base !== null) deltas.push(at)
    else if (type !== undefined) found(at, { type, content })
    else if (entry.type !== TAG) throw new Error('the git server sent a pack with objects that can not be read')
    at = entry.data + length
  }
  if (at !== pack.length - CHECKSUM_BYTES) throw new Error(CUT_OR_DAMAGED)

  const isHere = (base: number | string): boolean =>
    typeof base === 'number' ? isDone.has(base) : offsetOf.has(base) || baseOf(base) !== null
  const isDone = new Set(offsetOf.values())
  /** The object of an entry whose bases are all here: goes down the chain of deltas, then up again. */
  const objectAt = (start: number): GitObject => {
    const chain: Buffer[] = []
    let place: number | string | null = start
    let object: GitObject | null = null
    while (object === null) {
      if (typeof place === 'string') {
        const inside = offsetOf.get(place)
        if (inside === undefined) object = baseOf(place)
        else place = inside
        if (inside === undefined && object === null) throw new Error(WITHOUT_BASE)
        continue
      }
      object = kept.get(String(place))
      if (object !== null) break
      const entry = entryAt(pack, place)
      const { content } = inflatedAt(pack, entry.data, entry.size)
      const type = TYPES[entry.type]
      if (entry.base !== null) {
        chain.push(content)
        place = entry.base
      } else if (type !== undefined) object = { type, content }
      else throw new Error(WITHOUT_BASE)
    }
    const { type } = object
    return { type, content: chain.reduceRight((content, delta) => applyDelta(content, delta), object.content) }
  }

  // A base may itself be a delta that comes later: goes over what is left until nothing is, or nothing can be made.
  let left: readonly number[] = deltas
  while (left.length > 0) {
    const still: number[] = []
    for (const start of left) {
      const { base } = entryAt(pack, start)
      if (base === null || !isHere(base)) still.push(start)
      else {
        found(start, objectAt(start))
        isDone.add(start)
      }
    }
    if (still.length === left.length) throw new Error(WITHOUT_BASE)
    left = still
  }
}

const CUT_OR_DAMAGED = 'the git server sent a pack that is cut or damaged'
const WITHOUT_BASE = 'the git server sent a delta without its base'

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

/** zlib's overhead at its worst (zlib manual, deflateBound): what is packed is never longer than this. */
const packedMaxBytes = (size: number): number => size + Math.ceil(size / 1000) + 64

function inflatedAt(pack: Buffer, at: number, size: number): { readonly content: Buffer; readonly length: number } {
  const input = pack.subarray(at, Math.min(pack.length, at + packedMaxBytes(size)))
  // With `info`, node's zlib gives the engine as well, which knows how much of its input it took.
  const { buffer, engine } = inflateSync(input, {
    info: true,
    chunkSize: Math.max(64, size + 1),
    maxOutputLength: size + 1,
  }) as unknown as {
    readonly buffer: Buffer
    readonly engine: { readonly bytesWritten: number }
  }
  if (buffer.length !== size) throw new Error(CUT_OR_DAMAGED)
  return { content: buffer, length: engine.bytesWritten }
}
