/** git's pack files (git documentation: gitformat-pack). */
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import type { Objects, ObjectType } from './git-object.ts'

const TYPE_BITS: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3 }
const CHECKSUM_BYTES = 20

/** A pack of these objects, none of them as a delta. */
export function packOf(objects: Objects): Buffer {
  const header = Buffer.alloc(12)
  header.write('PACK', 'latin1')
  header.writeUInt32BE(2, 4)
  header.writeUInt32BE(objects.size, 8)
  const parts: Buffer[] = [header]
  for (const { type, content } of objects.values()) {
    parts.push(entryHeader(TYPE_BITS[type], content.length), deflateSync(content))
  }
  const body = Buffer.concat(parts)
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

/** The type and 4 bits of the size, then 7 bits of it a byte, the lowest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 0x0f)]
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() ?? 0) | 0x80, rest & 0x7f)
  }
  return Buffer.from(bytes)
}

/** @throws where it is not a whole pack: a cut answer must not become a shorter history */
export function checkPack(pack: Buffer): void {
  const body = pack.subarray(0, -CHECKSUM_BYTES)
  const isWhole =
    pack.length >= 12 + CHECKSUM_BYTES &&
    pack.toString('latin1', 0, 4) === 'PACK' &&
    createHash('sha1').update(body).digest().equals(pack.subarray(-CHECKSUM_BYTES))
  if (!isWhole) throw new Error('the git server sent a pack that is cut or damaged')
}

/** How many objects a pack says that it has. */
export const countIn = (pack: Buffer): number => pack.readUInt32BE(8)
