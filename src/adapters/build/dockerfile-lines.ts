/** Where an instruction stands in a Dockerfile, for tools that name the instruction and not its line. */

export interface Instruction {
  readonly line: number
  readonly text: string
}

/**
 * The line of the one instruction that reads like `text`, whatever its spaces and case; null where there is none, or
 * more than one.
 */
export function lineOf(dockerfile: string, text: string): number | null {
  const wanted = comparable(text)
  const [found, ...others] = instructionsOf(dockerfile).filter(({ text }) => comparable(text) === wanted)
  return found === undefined || others.length > 0 ? null : found.line
}

/** What stands in one line, null where no instruction starts there. */
export const instructionAt = (dockerfile: string, line: number): string | null =>
  instructionsOf(dockerfile).find((instruction) => instruction.line === line)?.text ?? null

const comparable = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase()

/** All of them. Docker: "Dockerfile reference", parser directives (escape), comments, line continuation. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const [, continuation = '\\'] = /^(?:#[^\n]*\n)*?#\s*escape\s*=\s*([\\`])/i.exec(dockerfile) ?? []
  const instructions: Instruction[] = []
  let open: Instruction | null = null
  for (const [at, raw] of dockerfile.split('\n').entries()) {
    const line = raw.trim()
    if (line.startsWith('#') || line === '') continue
    const goesOn = line.endsWith(continuation)
    const part = goesOn ? line.slice(0, -1).trim() : line
    open = open === null ? { line: at + 1, text: part } : { line: open.line, text: `${open.text} ${part}` }
    if (goesOn) continue
    instructions.push(open)
    open = null
  }
  return open === null ? instructions : [...instructions, open]
}
