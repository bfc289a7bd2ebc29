/** GitHub: REST, "Create a check run": output.summary and output.text; taken as bytes, which are never fewer. */
const OUTPUT_MAX_BYTES = 65_535
const CUT_NOTE = '\n\n… cut here: the whole is in the log.'

/** Markdown that GitHub takes. `ending` is what must stay at its end, such as the memo; '' for nothing. */
export function fittedText(text: string, ending: string): string {
  if (Buffer.byteLength(text) <= OUTPUT_MAX_BYTES) return text
  const tail = ending === '' ? CUT_NOTE : `${CUT_NOTE}\n\n${ending}`
  const room = OUTPUT_MAX_BYTES - Buffer.byteLength(tail)
  return `${firstBytes(text, room)}${tail}`
}

/** At most so many bytes of a text, ending with a whole character. */
function firstBytes(text: string, count: number): string {
  // A decoder that expects more to come holds a broken character back (Encoding standard, TextDecoder).
  return new TextDecoder().decode(Buffer.from(text).subarray(0, count), { stream: true })
}
