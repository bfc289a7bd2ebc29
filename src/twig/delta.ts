/** git's deltas: a target as copies out of a base and bytes of its own (git documentation: gitformat-pack, "Deltified representation"). */

/** The most that one instruction copies, and inserts. */
const COPY_MAX = 0xffff
const INSERT_MAX = 0x7f

/**
 * A delta that keeps what both begin and end with: right for a tree in which one entry changed, which is all that it is
 * for.
 */
export function deltaOf(base: Buffer, target: Buffer): Buffer {
  const shorter = Math.min(base.length, target.length)
  let head = 0
  while (head < shorter && base[head] === target[head]) head += 1
  let tail = 0
  while (tail < shorter - head && base[base.length - 1 - tail] === target[target.length - 1 - tail]) tail += 1
  return Buffer.concat([
    sizeBytes(base.length),
    sizeBytes(target.length),
    ...copies(0, head),
    ...inserts(target.subarray(head, target.length - tail)),
    ...copies(base.length - tail, tail),
  ])
}

/**
 * @param roomFor gives what the target is written into, of that length
 * @throws where the delta is damaged, or was made for another base
 */
export function applyDelta(base: Buffer, delta: Buffer, roomFor: (bytes: number) => Buffer): Buffer {
  let at = 0
  const byte = () => {
    const value = delta[at]
    if (value === undefined) throw new Error('a delta is damaged')
    at += 1
    return value
  }
  const size = () => {
    let value = 0
    let factor = 1
    for (;;) {
      const next = byte()
      value += (next & 0x7f) * factor
      if ((next & 0x80) === 0) return value
      factor *= 128
    }
  }
  const packed = (bits: number, count: number) => {
    let value = 0
    for (let nth = 0; nth < count; nth += 1) if ((bits & (1 << nth)) !== 0) value += byte() * 2 ** (8 * nth)
    return value
  }
  if (size() !== base.length) throw new Error('a delta is for another base')
  const length = size()
  // No byte of a delta makes more than the whole base once more: no room is made for what says so.
  if (!(length <= delta.length * Math.max(1, base.length))) throw new Error('a delta is damaged')
  const target = roomFor(length)
  let done = 0
  const copy = (from: Buffer, start: number, count: number) => {
    if (start + count > from.length || done + count > length) throw new Error('a delta is damaged')
    from.copy(target, done, start, start + count)
    done += count
  }
  while (at < delta.length) {
    const instruction = byte()
    if ((instruction & 0x80) !== 0) {
      const from = packed(instruction, 4)
      copy(base, from, packed(instruction >> 4, 3) || 0x10000)
    } else {
      if (instruction === 0) throw new Error('a delta is damaged')
      copy(delta, at, instruction)
      at += instruction
    }
  }
  if (done !== length) throw new Error('a delta is damaged')
  return target
}

/** 7 bits a byte, the lowest first. */
function sizeBytes(size: number): Buffer {
  const bytes = [size & 0x7f]
  for (let rest = Math.floor(size / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() ?? 0) | 0x80, rest & 0x7f)
  }
  return Buffer.from(bytes)
}

function copies(from: number, count: number): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let done = 0; done < count; done += COPY_MAX) {
    const [offset, size] = [from + done, Math.min(COPY_MAX, count - done)]
    const fields = [...lowBytes(offset, 4), ...lowBytes(size, 2)]
    // A bit for each byte that follows: four of the offset, then those of the size. Zeros are left out.
    const bits = fields.reduce((sum, value, nth) => (value === 0 ? sum : sum | (1 << nth)), 0x80)
    parts.push(Buffer.from([bits, ...fields.filter((value) => value !== 0)]))
  }
  return parts
}

const lowBytes = (value: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, nth) => Math.floor(value / 2 ** (8 * nth)) % 256)

function inserts(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += INSERT_MAX) {
    const part = bytes.subarray(at, at + INSERT_MAX)
    parts.push(Buffer.from([part.length]), part)
  }
  return parts
}
