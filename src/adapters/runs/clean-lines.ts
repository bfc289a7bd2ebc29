import { stripVTControlCharacters } from 'node:util'
import type { Redactor } from './redact.ts'

/** Longer lines are cut: a log is read by people. In characters. */
const LINE_MAX = 4000
const CUT = ' …'
/** A private key that never ends must not hide the rest of the log. */
const KEY_LINES_MAX = 200

/**
 * Makes what a tool printed fit to be kept: split into lines, without escape sequences, control characters and marks
 * that turn the reading direction, redacted, and cut. Remembers across calls that it is inside of a private key.
 */
export function lineCleaner(redactor: Redactor): (text: string) => string[] {
  let keyLinesLeft = 0
  const clean = (raw: string): string[] => {
    let line = raw
    if (keyLinesLeft > 0) {
      const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/.exec(line)
      keyLinesLeft = end === null ? keyLinesLeft - 1 : 0
      if (end === null) return []
      line = line.slice(end.index + end[0].length)
      if (line.trim() === '') return []
    }
    const begin = [...line.matchAll(/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g)].at(-1)
    // The whole line is asked, however long: a key that begins behind the cut goes on in the lines below.
    if (begin !== undefined && !line.includes('-----END ', begin.index)) keyLinesLeft = KEY_LINES_MAX
    return [cleanLine(line, redactor)]
  }
  return (text) => text.split(/\r\n|[\n\r]/).flatMap(clean)
}

/** One line of text from somebody else, such as a title: like a line of the log, and in one piece. */
export const cleanText = (text: string, redactor: Redactor): string =>
  cleanLine(text.replace(/[\r\n]+/g, ' '), redactor)

function cleanLine(raw: string, redactor: Redactor): string {
  // A secret that begins before the cut must be seen whole, so the margin goes only after redacting.
  const margin = redactor.longest + 2048
  const isTooLong = raw.length > LINE_MAX + margin
  const visible = stripVTControlCharacters(isTooLong ? raw.slice(0, LINE_MAX + margin) : raw).replace(
    /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    '',
  )
  const redacted = redactor.redact(visible)
  const safe = isTooLong ? redacted.slice(0, Math.max(0, redacted.length - margin)) : redacted
  if (!isTooLong && safe.length <= LINE_MAX) return safe
  return safe.slice(0, LINE_MAX).replace(/[\uD800-\uDBFF]$/, '') + CUT
}
