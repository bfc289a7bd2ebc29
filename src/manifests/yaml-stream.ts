/** Where the documents of a YAML stream begin and end for kubectl: k8s.io/apimachinery, pkg/util/yaml, YAMLReader. */
import { NotYaml } from './yaml-faults.ts'

/** The text of one document, and how many lines of the stream come before it. */
export interface DocumentText {
  readonly text: string
  readonly linesBefore: number
}

/** Line breaks to kubectl and text to YAML 1.2; marks that some readers drop; halves of characters. */
const UNCLEAR = /[\u0085\u2028\u2029\p{Surrogate}]|\r(?!\n)|(?!^)\ufeff/u
const SEPARATOR = /(?:^|\n)---([^\n]*)(?=\n|$)/g
/** The end of a document, and directives: neither can begin a line of what a document holds. */
const MARK = /(?<=^|\n)(?:\.\.\.(?=\s|$)|%)/

/**
 * Takes a stream apart at its lines of `---`. Where nothing but comments stands between two of them, there is no document.
 * @throws {NotYaml} a character that some readers take for a line break, and others don't; more than `---` on such a line,
 * which kubectl's versions take in different ways; a line of `...`, or a
 * directive
 */
export function* documentsIn(yaml: string): Generator<DocumentText> {
  const unclear = UNCLEAR.exec(yaml)
  if (unclear !== null) throw new NotYaml(lineAt(yaml, unclear.index), unclearCharacter(unclear[0]))

  const mark = MARK.exec(yaml)
  if (mark !== null) {
    const why =
      mark[0] === '%' ? 'has a directive (%); take it out' : 'is ..., after which kubectl reads no more; take it out'
    throw new NotYaml(lineAt(yaml, mark.index), why)
  }

  if (/^\ufeff?[ \t]+---/.test(yaml)) throw new NotYaml(1, 'has blanks before ---; take them out')

  let start = yaml.startsWith('\ufeff') ? 1 : 0
  let linesBefore = 0
  for (const separator of yaml.matchAll(SEPARATOR)) {
    // With the line break before it, which may be one of a text's.
    const text = yaml.slice(start, separator[0].startsWith('\n') ? separator.index + 1 : separator.index)
    if (!isBare(text)) yield { text, linesBefore }
    const end = separator.index + separator[0].length
    linesBefore += countBreaks(yaml, start, end)
    if (/[^ \t\r]/.test(separator[1] ?? ''))
      throw new NotYaml(linesBefore + 1, 'has more than --- where a document begins')
    start = end
  }
  // kubectl's reader ends every line.
  const text = yaml.endsWith('\n') ? yaml.slice(start) : `${yaml.slice(start)}\n`
  if (!isBare(text)) yield { text, linesBefore }
}

/** The line of a position, counted from 1. */
export const lineAt = (text: string, position: number): number => countBreaks(text, 0, position) + 1

function countBreaks(text: string, start: number, end: number): number {
  let breaks = 0
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) breaks++
  return breaks
}

/** Other blanks, such as U+3000, are text. */
const isBare = (text: string): boolean =>
  /^[ \t\r\n]*(?:#|$)/.test(text) && !/[^ \t\r\n]/.test(text.replaceAll(/^[ \t]*#.*/gm, ''))

function unclearCharacter(character: string): string {
  if (/\p{Surrogate}/u.test(character)) return 'is not valid Unicode'
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  return character === '\ufeff'
    ? `has a byte order mark (${code}) inside the text; take it out`
    : `has ${code}, a line break to some readers and not to others; take it out, or put the text into binaryData`
}
