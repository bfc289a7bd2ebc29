/** Reads git's pack files (git documentation: gitformat-pack). */
import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { applyDelta } from './delta.ts'
import { type GitObject, type ObjectType, objectIdOf } from './git-object.ts'

const CHECKSUM_BYTES = 20
const HEADER_BYTES = 12
const TYPES: Record<number, ObjectType | undefined> = { 1: 'commit', 2: 'tree', 3: 'blob' }
const OFFSET_DELTA = 6
const REFERENCE_DELTA = 7
const TAG = 4

interface Delta {
  readonly at: number
  readonly delta: Buffer
  /** Where its base is: an offset in the pack, or an id. */
  readonly base: number | string
}

/**
 * The objects of a pack, each handed to `visit`. A base that is not in the pack is asked for.
 * @throws where it is not a whole pack, or an object of it can't be read: a cut answer must not become less of a history
 */
export function unpack(
  pack: Buffer,
  baseOf: (id: string) => GitObject | null,
  visit: (id: string, object: GitObject) => void,
): void {
  checkPack(pack)
  const count = pack.readUInt32BE(8)
  const byOffset = new Map<number, GitObject>()
  const byId = new Map<string, GitObject>()
  const waiting: Delta[] = []
  const found = (at: number, object: GitObject) => {
    const id = objectIdOf(object)
    byOffset.set(at, object)
    byId.set(id, object)
    visit(id, object)
  }

  let at = HEADER_BYTES
  for (let nth = 0; nth < count; nth += 1) {
    const start = at
    const { type, size, end } = headerAt(pack, at)
    at = end
    let base: number | string | null = null
    if (type === OFFSET_DELTA) {
      const distance = distanceAt(pack, at)
      base = start - distance.value
      at = distance.end
    } else if (type === REFERENCE_DELTA) {
      base = pack.toString('hex', at, at + CHECKSUM_BYTES)
      at += CHECKSUM_BYTES
    }
    const { content, length } = inflatedAt(pack, at, size)
    at += length
    if (base !== null) waiting.push({ at: start, delta: content, base })
    else {
      const known = TYPES[type]
      if (known !== undefined) found(start, { type: known, content })
      else if (type !== TAG) throw new Error('the git server sent a pack with objects that can not be read')
    }
  }
  resolve(waiting, (base) => (typeof base === 'number' ? byOffset.get(base) : (byId.get(base) ?? baseOf(base))), found)
}

/** A base may itself be a delta that comes later: goes over what is left until nothing is, or nothing can be made. */
function resolve(
  deltas: readonly Delta[],
  baseOf: (base: number | string) => GitObject | null | undefined,
  found: (at: number, object: GitObject) => void,
): void {
  let left = deltas
  while (left.length > 0) {
    const still: Delta[] = []
    for (const delta of left) {
      const base = baseOf(delta.base)
      if (base === null || base === undefined) still.push(delta)
      else found(delta.at, { type: base.type, content: applyDelta(base.content, delta.delta) })
    }
    if (still.length === left.length) throw new Error('the git server sent a delta without its base')
    left = still
  }
}

/** @throws where it is not a whole pack */
function checkPack(pack: Buffer): void {
  const body = pack.subarray(0, -CHECKSUM_BYTES)
  const isWhole =
    pack.length >= HEADER_BYTES + CHECKSUM_BYTES &&
    pack.toString('latin1', 0, 4) === 'PACK' &&
    pack.readUInt32BE(4) === 2 &&
    createHash('sha1').update(body).digest().equals(pack.subarray(-CHECKSUM_BYTES))
  if (!isWhole) throw new Error('the git server sent a pack that is cut or damaged')
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
  if (byte === undefined) throw new Error('the git server sent a pack that is cut or damaged')
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
  if (buffer.length !== size) throw new Error('the git server sent a pack that is cut or damaged')
  return { content: buffer, length: engine.bytesWritten }
}
