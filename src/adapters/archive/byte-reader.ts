/** Takes bytes from a stream by number, whatever chunks they come in. */
export interface ByteReader {
  /** Exactly so many, or null where the stream ends before. */
  exactly(count: number): Promise<Buffer | null>
  /** At least one and at most so many, or null at the end. */
  some(most: number): Promise<Buffer | null>
}

/** @param source is read only as far as bytes are asked for */
export function byteReaderOf(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const some = async (most: number): Promise<Buffer | null> => {
    while (held.length === 0) {
      const next = await chunks.next()
      if (next.done === true) return null
      held = next.value
    }
    const taken = held.subarray(0, most)
    held = held.subarray(taken.length)
    return taken
  }
  return {
    some,
    async exactly(count) {
      const parts: Buffer[] = []
      for (let left = count; left > 0; ) {
        const part = await some(left)
        if (part === null) return null
        parts.push(part)
        left -= part.length
      }
      const [only] = parts
      return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
    },
  }
}
