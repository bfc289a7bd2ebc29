/**
 * Inflates what zlib packed (RFC 1950 and RFC 1951), into a buffer that is there already. node's own makes a stream for
 * each call, of which 5 KB stay until the next full garbage collection: a pack of ten thousand small objects took it
 * 40 MB.
 */

/** The longest code, in bits (RFC 1951, 3.2.7). */
const CODE_MAX_BITS = 15
/** The order in which the lengths of the codes for code lengths come (RFC 1951, 3.2.7). */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
const END_OF_BLOCK = 256

/** Lengths and distances of copies: what each code begins at, and its extra bits (RFC 1951, 3.2.5). */
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const DISTANCE_EXTRA = Array.from({ length: 30 }, (_, code) => Math.max(0, (code >> 1) - 1))
const LENGTH_FROM = startsOf(LENGTH_EXTRA, 3).map((from, code) => (code === 28 ? 258 : from))
const DISTANCE_FROM = startsOf(DISTANCE_EXTRA, 1)

/** A Huffman code as a table: the next bits of the input -> the symbol, and how many of the bits are its. */
interface Code {
  readonly table: Uint16Array
  /** How many bits of the input the table wants. */
  bits: number
  /** By length: the next value of such a code, while the table is made. */
  readonly next: Uint16Array
}

const newCode = (): Code => ({
  table: new Uint16Array(1 << CODE_MAX_BITS),
  bits: 0,
  next: new Uint16Array(CODE_MAX_BITS + 1),
})

const FIXED_LITERALS = newCode()
const FIXED_DISTANCES = newCode()
setCode(
  FIXED_LITERALS,
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  0,
  288,
)
setCode(FIXED_DISTANCES, new Uint8Array(30).fill(5), 0, 30)

/**
 * Fills `content` with what is packed in `packed` from `start` on, and gives where that ends. zlib's own checksum is
 * not looked at: a pack has one over all its bytes.
 * @throws where it is damaged, or not of that length
 */
export type Inflate = (packed: Uint8Array, start: number, content: Uint8Array) => number

/** @returns a function that uses its tables again each time */
export function openInflate(): Inflate {
  const literals = newCode()
  const distances = newCode()
  const lengthsCode = newCode()
  const lengths = new Uint8Array(288 + 32)
  let input: Uint8Array = new Uint8Array(0)
  let at = 0
  let output: Uint8Array = input
  let filled = 0
  let held = 0
  let heldBits = 0

  const hold = (bits: number) => {
    while (heldBits < bits) {
      const byte = input[at]
      if (byte === undefined) throw damaged()
      held |= byte << heldBits
      heldBits += 8
      at += 1
    }
  }
  const take = (bits: number): number => {
    hold(bits)
    const value = held & ((1 << bits) - 1)
    held >>>= bits
    heldBits -= bits
    return value
  }
  /** A checksum follows what is packed: there are bytes to look at beyond the last code. */
  const symbol = ({ table, bits }: Code): number => {
    hold(bits)
    const found = table[held & ((1 << bits) - 1)] ?? 0
    const length = found & 15
    if (length === 0) throw damaged()
    held >>>= length
    heldBits -= length
    return found >> 4
  }

  const readStored = () => {
    at -= heldBits >> 3
    held = 0
    heldBits = 0
    const length = take(16)
    if (take(16) !== (length ^ 0xffff)) throw damaged()
    if (at + length > input.length || filled + length > output.length) throw damaged()
    output.set(input.subarray(at, at + length), filled)
    at += length
    filled += length
  }

  const readCodes = () => {
    const literalCount = take(5) + 257
    const distanceCount = take(5) + 1
    const lengthCount = take(4) + 4
    lengths.fill(0, 0, 19)
    for (let nth = 0; nth < lengthCount; nth += 1) lengths[LENGTHS_ORDER[nth] ?? 0] = take(3)
    setCode(lengthsCode, lengths, 0, 19)
    const all = literalCount + distanceCount
    for (let done = 0; done < all; ) {
      const code = symbol(lengthsCode)
      if (code === 16 && done === 0) throw damaged()
      const length = code < 16 ? code : code === 16 ? (lengths[done - 1] ?? 0) : 0
      const times = code < 16 ? 1 : code === 16 ? 3 + take(2) : code === 17 ? 3 + take(3) : 11 + take(7)
      if (done + times > all) throw damaged()
      lengths.fill(length, done, done + times)
      done += times
    }
    setCode(literals, lengths, 0, literalCount)
    setCode(distances, lengths, literalCount, all)
  }

  const readPacked = (literalCode: Code, distanceCode: Code) => {
    for (;;) {
      const code = symbol(literalCode)
      if (code === END_OF_BLOCK) return
      if (code < END_OF_BLOCK) {
        if (filled === output.length) throw damaged()
        output[filled] = code
        filled += 1
        continue
      }
      const length = extended(LENGTH_FROM, LENGTH_EXTRA, code - END_OF_BLOCK - 1)
      const distance = extended(DISTANCE_FROM, DISTANCE_EXTRA, symbol(distanceCode))
      if (distance > filled || filled + length > output.length) throw damaged()
      // Byte by byte: it may copy what it writes.
      for (const end = filled + length; filled < end; filled += 1) output[filled] = output[filled - distance] ?? 0
    }
  }
  const extended = (from: readonly number[], extra: readonly number[], code: number): number => {
    const start = from[code]
    const bits = extra[code]
    if (start === undefined || bits === undefined) throw damaged()
    return start + take(bits)
  }

  return (packed, start, content) => {
    input = packed
    at = start
    output = content
    filled = 0
    held = 0
    heldBits = 0
    const head = take(16)
    // Method 8, no dictionary, and the two bytes are a multiple of 31, the first the higher one (RFC 1950, 2.2).
    if ((head & 0x0f) !== 8 || (head & 0x2000) !== 0 || (((head & 0xff) << 8) | (head >> 8)) % 31 !== 0) throw damaged()
    for (let isLast = false; !isLast; ) {
      isLast = take(1) === 1
      const type = take(2)
      if (type === 0) readStored()
      else if (type === 1) readPacked(FIXED_LITERALS, FIXED_DISTANCES)
      else if (type === 2) {
        readCodes()
        readPacked(literals, distances)
      } else throw damaged()
    }
    const end = at - (heldBits >> 3) + CHECKSUM_BYTES
    if (filled !== output.length || end > input.length) throw damaged()
    return end
  }
}

const CHECKSUM_BYTES = 4

const damaged = () => new Error('what zlib packed is damaged')

function startsOf(extra: readonly number[], first: number): readonly number[] {
  let next = first
  return extra.map((bits) => {
    const start = next
    next += 1 << bits
    return start
  })
}

/**
 * Makes the table of a code from how long each symbol's is, 0 for those that have none (RFC 1951, 3.2.2).
 * @param lengths of the symbols, from `start` to `end`
 */
function setCode(code: Code, lengths: Uint8Array, start: number, end: number): void {
  const { table, next } = code
  next.fill(0)
  for (let at = start; at < end; at += 1) count(next, lengths[at] ?? 0)
  let bits = CODE_MAX_BITS
  while (bits > 1 && next[bits] === 0) bits -= 1
  let value = 0
  for (let length = 1; length <= CODE_MAX_BITS; length += 1) {
    const codes = next[length] ?? 0
    next[length] = value
    value = (value + codes) << 1
    if (value > 2 << length) throw damaged()
  }
  const size = 1 << bits
  table.fill(0, 0, size)
  for (let at = start; at < end; at += 1) {
    const length = lengths[at] ?? 0
    if (length === 0) continue
    const entry = ((at - start) << 4) | length
    for (let place = reversed(count(next, length), length); place < size; place += 1 << length) table[place] = entry
  }
  code.bits = bits
}

/** @returns what it was */
function count(counts: Uint16Array, at: number): number {
  const before = counts[at] ?? 0
  counts[at] = before + 1
  return before
}

/** Codes come with their highest bit first, all else with its lowest (RFC 1951, 3.1.1). */
function reversed(value: number, bits: number): number {
  let [rest, result] = [value, 0]
  for (let bit = 0; bit < bits; bit += 1) {
    result = (result << 1) | (rest & 1)
    rest >>= 1
  }
  return result
}
