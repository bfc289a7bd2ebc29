/** What the demo says in the terminal: lines, and where it is a real one a last line that shows what is waited for. */

export interface Terminal {
  say(line: string): void
  /** What is under way; '' takes it away. Elsewhere than in a terminal each new text is a line. */
  progress(text: string): void
  /** Seconds since the start, for lines: `  3.2 s`. */
  elapsed(): string
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const ERASE_LINE = '\r\u001b[2K'

/** @param startedAtMs when the command was given, milliseconds since 1970 */
export function openTerminal(out: NodeJS.WriteStream, startedAtMs: number): Terminal {
  let current = ''
  let frame = 0
  const elapsed = () => `${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(5)} s`
  const draw = () => {
    frame += 1
    out.write(
      `${ERASE_LINE}${elapsed()}  ${FRAMES[frame % FRAMES.length]} ${current}`.slice(0, (out.columns ?? 80) + 3),
    )
  }
  let timer: NodeJS.Timeout | null = null
  return {
    elapsed,
    say(line) {
      if (out.isTTY && current !== '') out.write(ERASE_LINE)
      out.write(`${line}\n`)
      if (out.isTTY && current !== '') draw()
    },
    progress(text) {
      if (text === current) return
      current = text
      if (!out.isTTY) {
        if (text !== '') out.write(`${elapsed()}  … ${text}\n`)
        return
      }
      if (timer !== null) clearInterval(timer)
      timer = text === '' ? null : setInterval(draw, 100).unref()
      if (text === '') out.write(ERASE_LINE)
      else draw()
    },
  }
}
