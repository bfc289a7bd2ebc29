/**
 * What a plain scalar of YAML is to kubectl and Argo CD: sigs.k8s.io/yaml over go-yaml v2, whose scalars are YAML 1.1 with
 * Go's number syntax (go-yaml v2, resolve.go). Its numbers then go through JSON (k8s.io/apimachinery, pkg/util/json), which
 * makes an int64 of those that are one, and a float64 of all others.
 */
import type { Json } from './json.ts'

const WORDS = new Map<string, Json>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text): [string, Json] => [text, null]),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text): [string, Json] => [
    text,
    true,
  ]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text): [string, Json] => [
    text,
    false,
  ]),
  ...['.nan', '.NaN', '.NAN'].map((text): [string, Json] => [text, Number.NaN]),
  ...['.inf', '.Inf', '.INF'].flatMap((text): [string, Json][] => [
    [text, Number.POSITIVE_INFINITY],
    [`+${text}`, Number.POSITIVE_INFINITY],
    [`-${text}`, Number.NEGATIVE_INFINITY],
  ]),
])

/** What begins otherwise is text. */
const MAY_BE_MORE_THAN_TEXT = /^(?:[-+.0-9yYnNtTfFoO~]|$)/
const SHORT_INT = /^(?:0|-?[1-9][0-9]{0,14})$/
/** Go's strconv.ParseInt with base 0, underscores taken out. */
const GO_INT = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/
const GO_FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
/** What starts with a dot goes to strconv.ParseFloat as it stands: an underscore only between digits. */
const GO_DOT_FLOAT = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/

/** What plain text is; NaN and the infinities, which JSON does not know, come as such. */
export function scalarOf(text: string): Json {
  if (!MAY_BE_MORE_THAN_TEXT.test(text)) return text
  if (SHORT_INT.test(text)) return Number(text)
  const word = WORDS.get(text)
  if (word !== undefined) return word
  return intOf(text) ?? floatOf(text) ?? text
}

/** Whether kubectl takes plain text for an integer, of whichever size. */
export const isIntegerToGo = (text: string): boolean => GO_INT.test(text.replaceAll('_', ''))

/** Whether kubectl takes plain text for a number, of whichever size. */
export const isNumberToGo = (text: string): boolean => {
  const plain = text.replaceAll('_', '')
  return GO_INT.test(plain) || GO_FLOAT.test(plain)
}

function intOf(text: string): Json | undefined {
  const [, sign, digits] = GO_INT.exec(text.replaceAll('_', '')) ?? []
  if (digits === undefined) return undefined
  const size = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase())
  const fits = sign === '-' ? size <= 2n ** 63n : sign === '+' ? size < 2n ** 63n : size < 2n ** 64n
  return fits ? heldAs(sign === '-' ? -size : size) : undefined
}

function floatOf(text: string): Json | undefined {
  const plain = text.replaceAll('_', '')
  if (!(text.startsWith('.') ? GO_DOT_FLOAT.test(text) : GO_FLOAT.test(plain))) return undefined
  const value = Number(plain)
  if (!Number.isFinite(value)) return undefined
  return exactly(value)
}

/**
 * A float64 as kubectl holds it. Go prints it with as few digits as tell it apart, as JavaScript does, and where what it
 * printed is an int64, that is what is read.
 */
export function exactly(value: number): number | bigint {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return value
  return Number.isSafeInteger(value) ? value || 0 : heldAs(BigInt(value.toString()))
}

function heldAs(value: bigint): number | bigint {
  const fitsNumber = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
  const fitsInt64 = value >= -(2n ** 63n) && value < 2n ** 63n
  return fitsNumber || !fitsInt64 ? Number(value) : value
}
