/** Writes git's pack files (git documentation: gitformat-pack). */
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type GitObject, type ObjectType, objectIdOf } from './git-object.ts'

const TYPE_BITS: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3 }
const REFERENCE_DELTA = 7

/** An object to send: whole, or as a delta to one that the server has or gets with it. */
export interface Packed {
  readonly object: GitObject
  readonly delta: { readonly base: string; readonly bytes: Buffer } | null
}

/** Where the base of a delta is. A thin pack's may be on the server only, as pushes may be (gitprotocol-pack). */
export type DeltaBases = 'anywhere' | 'in the pack'

/** A pack of these objects. */
export function packOf(objects: readonly Packed[], bases: DeltaBases): Buffer {
  const inside = new Set(bases === 'anywhere' ? [] : objects.map(({ object }) => objectIdOf(object)))
  const parts: Buffer[] = []
  let count = 0
  for (const { object, delta } of objects) {
    count += 1
    if (delta === null || !(bases === 'anywhere' || inside.has(delta.base))) {
      parts.push(entryHeader(TYPE_BITS[object.type], object.content.length), deflated(object.content))
    } else {
      const { base, bytes } = delta
      parts.push(entryHeader(REFERENCE_DELTA, bytes.length), Buffer.from(base, 'hex'), deflated(bytes))
    }
  }
  const header = Buffer.alloc(12)
  header.write('PACK', 'latin1')
  header.writeUInt32BE(2, 4)
  header.writeUInt32BE(count, 8)
  const body = Buffer.concat([header, ...parts])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

/** node's zlib takes a buffer of 16 KB for each answer unless told: many small objects would take much memory. */
const deflated = (bytes: Buffer): Buffer => deflateSync(bytes, { chunkSize: Math.max(64, bytes.length + 16) })

/** The type and 4 bits of the size, then 7 bits of it a byte, the lowest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 0x0f)]
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() ?? 0) | 0x80, rest & 0x7f)
  }
  return Buffer.from(bytes)
}
