import type { Readable } from 'node:stream'

/** More was said than may be. */
export class SaidTooMuch extends Error {
  override readonly name = 'SaidTooMuch'
}

export interface LineReader {
  /** How many bytes of what comes from now on are read. */
  allow(bytes: number): void
  /** The next line without its end, null where there is none any more. @throws {SaidTooMuch} */
  next(): Promise<string | null>
}

const NEWLINE = 0x0a

/** Reads a stream line by line, and no further than it is asked to. @param source is not to be read by anybody else */
export function lineReaderOf(source: Readable): LineReader {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]()
  let parts: Buffer[] = []
  let rest: Buffer = Buffer.alloc(0)
  let left = 0
  const more = async (): Promise<Buffer | null> => {
    // What breaks while it is read has ended: why, the process's end tells.
    const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true as const }))
    if (done === true || value === undefined) return null
    left -= value.length
    if (left < 0) throw new SaidTooMuch('more was said than may be')
    return value
  }
  return {
    allow(bytes) {
      left = bytes
    },
    async next() {
      for (;;) {
        const end = rest.indexOf(NEWLINE)
        if (end !== -1) {
          const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8')
          parts = []
          rest = rest.subarray(end + 1)
          return line
        }
        parts.push(rest)
        const chunk = await more()
        if (chunk === null) return null
        rest = chunk
      }
    },
  }
}
