/**
 * JSON values as YAML that reads the same to kubectl, Argo CD and js-yaml, in YAML 1.1 and 1.2: block style, keys in their
 * order, no anchors, no folded lines, and in quotes what any of them takes for more than text.
 */
import { isList, isObject, type Json, type JsonObject } from './json.ts'
import { isPlainText, VISIBLE } from './plain-text.ts'

const STEP = 2

/** One value as YAML. */
export function printYaml(value: Json): string {
  if (isFilledList(value) || isFilledObject(value)) return `${blockOf(value, 0)}\n`
  return `${typeof value === 'string' ? singleLine(value) : scalarText(value, 0)}\n`
}

const isFilledList = (value: Json): value is readonly Json[] => isList(value) && value.length > 0
const isFilledObject = (value: Json): value is JsonObject => {
  if (!isObject(value)) return false
  for (const _ in value) return true
  return false
}

/** A list or an object that begins where the cursor is, `indent` columns from the left. */
function blockOf(value: readonly Json[] | JsonObject, indent: number): string {
  const nextLine = `\n${' '.repeat(indent)}`
  if (isList(value)) {
    return value.map((element) => `- ${nestedIn(element, indent)}`).join(nextLine)
  }
  return Object.keys(value)
    .map((key) => fieldOf(key, value[key] ?? null, indent, nextLine))
    .join(nextLine)
}

const nestedIn = (element: Json, indent: number): string =>
  isFilledList(element) || isFilledObject(element)
    ? blockOf(element, indent + STEP)
    : scalarText(element, indent + STEP)

function fieldOf(key: string, value: Json, indent: number, nextLine: string): string {
  const text = singleLine(key)
  // go-yaml and YAML 1.2: a key of more than 1024 characters needs a question mark before it.
  const name = text.length <= MAX_KEY_LENGTH ? `${text}:` : `? ${text}${nextLine}:`
  if (!isFilledList(value) && !isFilledObject(value)) return `${name} ${scalarText(value, indent + STEP)}`
  return `${name}${nextLine}${' '.repeat(STEP)}${blockOf(value, indent + STEP)}`
}

const MAX_KEY_LENGTH = 1000

/** @param indent where further lines of a text begin */
function scalarText(value: Json, indent: number): string {
  if (typeof value === 'string')
    return value.includes('\n') && isBlockText(value) ? literal(value, indent) : singleLine(value)
  if (typeof value === 'number') return numberText(value)
  if (isList(value)) return '[]'
  if (isObject(value)) return '{}'
  return String(value)
}

/** YAML 1.1 wants a dot before an exponent. */
function numberText(value: number): string {
  const text = String(value || 0)
  return text.replace(/^(-?[0-9]+)e/, '$1.e')
}

const IS_VISIBLE = new RegExp(`^[${VISIBLE}]*$`, 'u')
const IS_BLOCK_TEXT = new RegExp(`^[${VISIBLE}\\xa0\\t\\n]*$`, 'u')

const singleLine = (text: string): string => {
  if (isPlainText(text)) return text
  return IS_VISIBLE.test(text) ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

/** Text of blanks alone, and text that begins with a tab, is not the same to all readers as a block. */
const isBlockText = (text: string): boolean =>
  /[^ \t\n]/.test(text) && !/^\n*[ ]*\t/.test(text) && IS_BLOCK_TEXT.test(text)

/** Lines that are blanks alone stay as they are: their first blanks are the indent's. */
function literal(text: string, indent: number): string {
  const indicator = /^\n* /.test(text) ? String(STEP) : ''
  const chomping = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-'
  const margin = ' '.repeat(indent)
  const body = (text.endsWith('\n') ? text.slice(0, -1) : text).replace(/\n(?!\n|$)/g, `\n${margin}`)
  return `|${indicator}${chomping}\n${body.startsWith('\n') ? '' : margin}${body}`
}

const ESCAPES = new Map([
  ['\0', '\\0'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x85', '\\N'],
  ['\xa0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
])
const NEEDS_ESCAPE = new RegExp(`["\\\\]|[^${VISIBLE}]`, 'gu')

const doubleQuoted = (text: string): string =>
  `"${text.replace(NEEDS_ESCAPE, (found) => ESCAPES.get(found) ?? byCode(found))}"`

function byCode(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase()
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
}
