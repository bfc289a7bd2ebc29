/**
 * Kubernetes: apimachinery, Quantity: a decimal number, then nothing, a power of 1024 (`Ki`), one of 1000 (`n` to `E`),
 * or an exponent (`e3`).
 */
import type { Json } from './json.ts'

const QUANTITY = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?[0-9]+))?$/
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
/** Longer ones are nobody's, and would take long to calculate with. */
const LENGTH_MAX = 64
/** Past this, a number of at most 64 digits is far beyond, or far below, all that has a meaning. */
const EXPONENT_MAX = 100

/**
 * A quantity in billionths, exactly; what is finer is rounded away from zero, as Kubernetes does. null where it is not
 * a quantity. YAML's plain numbers (`cpu: 2`) are quantities too.
 */
export function billionthsOf(quantity: Json | undefined): bigint | null {
  const text = typeof quantity === 'number' || typeof quantity === 'bigint' ? String(quantity) : quantity
  if (typeof text !== 'string' || text.length > LENGTH_MAX) return null
  const match = QUANTITY.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = match[4] ?? '', , binary, decimal, exponent] = match
  const digits = BigInt(`${whole}${fraction}`)
  const power = clamped(Number(exponent ?? 0)) + (DECIMAL.get(decimal ?? '') ?? 0) + 9 - fraction.length
  const scaled = digits * 1024n ** BigInt(binary === undefined ? 0 : BINARY.indexOf(binary) + 1)
  const size = power >= 0 ? scaled * 10n ** BigInt(power) : dividedUp(scaled, 10n ** BigInt(-power))
  return sign === '-' ? -size : size
}

/** The shortest of a whole number, thousandths and billionths that says it exactly: `2147483648`, `1500m`. */
export function quantityOf(billionths: bigint): string {
  if (billionths % 1_000_000_000n === 0n) return String(billionths / 1_000_000_000n)
  return billionths % 1_000_000n === 0n ? `${billionths / 1_000_000n}m` : `${billionths}n`
}

const clamped = (exponent: number): number => Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, exponent))

const dividedUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor
