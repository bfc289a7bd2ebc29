/** Which text needs no quotes in YAML. */
import { isNumberToGo } from './yaml-scalar.ts'

/** Characters that YAML 1.1 and 1.2 allow unescaped and that nobody takes for a line break, a mark or a blank. */
export const VISIBLE = '\\x20-\\x7e\\xa1-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\u{10000}-\\u{10ffff}'
const INVISIBLE = new RegExp(`[^${VISIBLE}]`, 'u')

/** No blank at either end, no indicator at the start, no ": " or " #" inside. */
const LOOKS_PLAIN = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=[^\s,[\]{}]))(?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*$/u

/** What any reader takes for null, a boolean or a merge begins so. */
const MAY_BE_A_WORD = /^[~<=nNyYtTfFoO]/
const WORDS = new Set([
  '~',
  '<<',
  '=',
  ...['null', 'y', 'yes', 'true', 'on', 'n', 'no', 'false', 'off'].flatMap((word) => [
    word,
    word.toUpperCase(),
    `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
  ]),
])

const MAY_BE_A_NUMBER = /^[-+.0-9]/
/** js-yaml, whose YAML 1.1 has numbers with a base of 60, and takes a lonely dot for a number; YAML 1.2's `0o7`. */
const NUMBERS = [
  /^[-+]?(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|[0-9]+)$/,
  /^[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?$/,
  /^[-+]?(?:[0-9]*\.[0-9]*|[0-9]+)(?:[eE][-+]?[0-9]+)?$/,
  /^[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt \t])/,
]

/** Whether every reader takes the text, as it stands, for this text. */
export function isPlainText(text: string): boolean {
  if (INVISIBLE.test(text) || !LOOKS_PLAIN.test(text) || /^(?:---|\.\.\.)/.test(text)) return false
  if (MAY_BE_A_WORD.test(text)) return !WORDS.has(text)
  if (!MAY_BE_A_NUMBER.test(text)) return true
  const digits = text.replaceAll('_', '')
  return !NUMBERS.some((number) => number.test(digits)) && !isNumberToGo(text)
}
