/**
 * Where a pack is put together as it comes. It grows in place: pieces that are joined at the end would be there twice,
 * and every one of them until a garbage collection.
 */
export interface PackRoom {
  /** @throws where it is more than is read */
  add(part: Buffer): void
  /** All of it, in one piece; good until it is released. */
  pack(): Buffer
  /** Gives the memory back now. */
  release(): void
}

/** Address space that is set aside; memory is taken for what comes. */
const PACK_MAX_BYTES = 1024 ** 3
const STEP_BYTES = 256 * 1024

export function openPackRoom(): PackRoom {
  const room = new ArrayBuffer(0, { maxByteLength: PACK_MAX_BYTES })
  let filled = 0
  return {
    add(part) {
      const end = filled + part.length
      if (end > PACK_MAX_BYTES) throw new Error(`the git server sent more than ${PACK_MAX_BYTES} bytes`)
      if (end > room.byteLength) room.resize(Math.min(PACK_MAX_BYTES, Math.ceil(end / STEP_BYTES) * STEP_BYTES))
      part.copy(new Uint8Array(room, filled, part.length))
      filled = end
    },
    pack: () => Buffer.from(room, 0, filled),
    release: () => room.resize(0),
  }
}
