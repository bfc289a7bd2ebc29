/** The data types that SSH's keys and signatures are made of (RFC 4251, section 5). */

/** Takes one value after the other. @throws where the bytes end before the value does */
export interface SshReader {
  uint32(): number
  string(): Buffer
  /** A number above 0, as big-endian bytes without leading zeros. @throws where it is another one */
  mpint(): Buffer
  /** All that is left. */
  rest(): Buffer
}

export function openSshReader(content: Buffer): SshReader {
  let at = 0
  const take = (length: number): Buffer => {
    if (length > content.length - at) throw new Error('it ends early')
    at += length
    return content.subarray(at - length, at)
  }
  const uint32 = () => take(4).readUInt32BE()
  const string = () => take(uint32())
  return {
    uint32,
    string,
    mpint() {
      const bytes = string()
      const number = withoutLeadingZeros(bytes)
      if (number.length === 0 || ((bytes[0] ?? 0) & 0x80) !== 0) throw new Error('a number is not above 0')
      return number
    },
    rest: () => take(content.length - at),
  }
}

export const sshString = (content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([sshUint32(bytes.length), bytes])
}

export function sshUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** @param number not below 0, as big-endian bytes; a leading zero keeps its highest bit from meaning that it is */
export function sshMpint(number: Buffer): Buffer {
  const bytes = withoutLeadingZeros(number)
  return sshString(((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]))
}

function withoutLeadingZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first)
}
