/** pkt-lines (git documentation: gitprotocol-common, "pkt-line Format"; gitprotocol-v2 for the special packets). */

export type Packet = Buffer | 'flush' | 'delimiter' | 'response-end'

export const FLUSH = Buffer.from('0000')
export const DELIMITER = Buffer.from('0001')
/** What says how long a packet is. */
export const LENGTH_BYTES = 4
const SPECIAL: readonly ('flush' | 'delimiter' | 'response-end')[] = ['flush', 'delimiter', 'response-end']

export const pktLine = (text: string): Buffer => pktLines([text])

/** Many of them, in one buffer: what asks for ten thousand objects is made without as many buffers. */
export const pktLines = (texts: readonly string[]): Buffer =>
  Buffer.from(
    texts.map((text) => `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`).join(''),
    'utf8',
  )

/** @throws where the bytes end in the middle of a packet, or are no packets at all */
export function parsePackets(bytes: Buffer): readonly Packet[] {
  const packets: Packet[] = []
  for (let at = 0; at < bytes.length; ) {
    const { packet, end } = packetAt(bytes, at)
    packets.push(packet)
    at = end
  }
  return packets
}

/** Whether a whole packet begins there. */
export function hasPacketAt(bytes: Buffer, at: number): boolean {
  const length = lengthAt(bytes, at)
  return length >= 0 && at + Math.max(LENGTH_BYTES, length) <= bytes.length
}

/** How many bytes the packet takes that begins there, by what its first say. @throws where they are no pkt-line's */
export function packetBytesAt(bytes: Buffer, at: number): number {
  const length = lengthAt(bytes, at)
  if (SPECIAL[length] !== undefined) return LENGTH_BYTES
  if (length >= LENGTH_BYTES) return length
  throw noPacket()
}

/** The packet that begins there, and where it ends. @throws the same */
export function packetAt(bytes: Buffer, at: number): { readonly packet: Packet; readonly end: number } {
  const end = at + packetBytesAt(bytes, at)
  const special = SPECIAL[lengthAt(bytes, at)]
  if (special !== undefined) return { packet: special, end }
  if (end <= bytes.length) return { packet: bytes.subarray(at + LENGTH_BYTES, end), end }
  throw noPacket()
}

const noPacket = () => new Error('the git server sent what is no pkt-line, or its answer was cut')

/** As the packet that begins there says; -1 where that is no number. */
function lengthAt(bytes: Buffer, at: number): number {
  const digits = bytes.toString('latin1', at, at + LENGTH_BYTES)
  return /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1
}

/** A packet's text without its line end; '' for a special one. */
export const textOf = (packet: Packet | undefined): string =>
  Buffer.isBuffer(packet) ? packet.toString('utf8').replace(/\n$/, '') : ''

export interface Bands {
  /** Band 1. */
  readonly content: Buffer
  /** Band 2: what hooks and git itself print for people, line by line. */
  readonly words: readonly string[]
  /** Band 3: why the server gave up, '' where it did not. */
  readonly fatal: string
}

/** The bands of side-band-64k (git documentation: gitprotocol-pack, "Packfile Data"). */
export function demultiplex(packets: readonly Packet[]): Bands {
  const bands: Record<number, Buffer[]> = { 1: [], 2: [], 3: [] }
  for (const packet of packets) if (Buffer.isBuffer(packet)) bands[packet[0] ?? 0]?.push(packet.subarray(1))
  const textIn = (band: number) => Buffer.concat(bands[band] ?? []).toString('utf8')
  return {
    content: Buffer.concat(bands[1] ?? []),
    words: linesOf(textIn(2)),
    fatal: textIn(3).trim(),
  }
}

const MAX_LINE_CHARACTERS = 500

/** Printable lines of what a server says. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
        .trim()
        .slice(0, MAX_LINE_CHARACTERS),
    )
    .filter((line) => line !== '')
