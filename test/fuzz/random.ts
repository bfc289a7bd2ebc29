/** Chance that is the same for the same seed. */
export interface Random {
  /** A whole number from 0 up to, and not, `below`. */
  below(below: number): number
  oneOf<T>(list: readonly [T, ...T[]]): T
}

/** Numbers by mulberry32: Tommy Ettinger's generator of 32 bits. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, oneOf: ([first, ...others]) => [first, ...others][below(others.length + 1)] ?? first }
}
