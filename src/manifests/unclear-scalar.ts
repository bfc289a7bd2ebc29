/** Scalars that go-yaml v2, and with it kubectl, reads in another way than YAML 1.2 and js-yaml. */
import { SCALAR_STYLE, type ScalarEvent } from 'js-yaml'

/** go-yaml ends plain text at a colon only before a blank: `{a:}` has the key "a:" for it. */
const COLON_AND_INDICATOR = /^\s*:[,[\]{}]/
/** go-yaml keeps the line break of an empty line after an escaped one. */
const ESCAPED_BREAK_AND_EMPTY_LINE = /(?<!\\)(?:\\\\)*\\\r?\n[ \t]*\r?\n/
const MAX_BLANKS = 200
/** Within brackets, go-yaml takes a question mark at the start of plain text, or before a blank, for one of a key. */
const QUESTION = /^\?|\?(?:\s|$)/

/** Where a scalar stands: all of a document, or a part of what is in brackets (`flow`) or is not. */
export type Place = 'document' | 'block' | 'flow'

/** Why a scalar of a text is not clear, null where it is. */
export function unclearScalar(text: string, scalar: ScalarEvent, place: Place): string | null {
  const { style, valueStart, valueEnd } = scalar
  if (style === SCALAR_STYLE.PLAIN) {
    if (place !== 'flow') return null
    if (COLON_AND_INDICATOR.test(text.slice(valueEnd, valueEnd + MAX_BLANKS))) {
      return 'has a colon right before a bracket or a comma; put a blank after it'
    }
    const isQuestion = QUESTION.test(text.slice(valueStart, valueEnd))
    return isQuestion ? 'has a question mark in text within brackets; put the text in quotes' : null
  }
  if (style === SCALAR_STYLE.DOUBLE_QUOTED) {
    return ESCAPED_BREAK_AND_EMPTY_LINE.test(text.slice(valueStart, valueEnd))
      ? 'has an empty line after a line that ends in \\; write \\n for it'
      : null
  }
  // go-yaml wants it indented, others don't.
  const isBlock = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
  return isBlock && place === 'document' ? 'is a block of text, not an object' : null
}
