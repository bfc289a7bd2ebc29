/** The last lines of what is written, in the order in which they came. */
export interface LastLines {
  readonly lines: readonly string[]
  add(line: string): void
}

/** Keeps `max` of them. */
export function lastLines(max: number): LastLines {
  const lines: string[] = []
  return {
    lines,
    add(line) {
      lines.push(line)
      if (lines.length > max) lines.shift()
    },
  }
}
