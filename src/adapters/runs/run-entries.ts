import { z } from 'zod'
import type { RunLine } from '../../domain/run-view.ts'
import { STEPS, type StepRecord } from '../../domain/step.ts'
import type { RunAbout } from '../../ports.ts'

/**
 * What a run's file holds, one JSON object a line. A gap stands for `count` lines left out, the last of which had
 * `number`. A step stands for its whole record, and replaces the one before it; so do notices and changes.
 */
const EntrySchema = z.union([
  z.object({ number: z.int(), line: z.string() }),
  z.object({ number: z.int(), gap: z.int() }),
  z.object({ notices: z.array(z.string()) }),
  z.object({ changes: z.array(z.string()) }),
  z.object({
    step: z.object({
      step: z.enum(STEPS),
      startedAtMs: z.number(),
      endedAtMs: z.number().nullable(),
      outcome: z.enum(['running', 'done', 'failed', 'aborted']),
      note: z.string(),
    }),
  }),
])
const AboutSchema = z.object({
  about: z.object({ key: z.string(), title: z.string(), pullUrl: z.string(), sha: z.string() }),
})

export type Entry = z.output<typeof EntrySchema>

export interface RunContent {
  readonly about: RunAbout
  readonly entries: readonly Entry[]
}

/**
 * Reads a run's file; null where it does not start with what the run is about. A line that is not an entry was torn by
 * a process that was killed while writing, and one that was written before was written again after a failed write: both
 * are passed over.
 */
export function parseRun(text: string): RunContent | null {
  const [first = '', ...rest] = text.split('\n')
  const head = AboutSchema.safeParse(parsed(first))
  if (!head.success) return null
  let last = 0
  const entries = rest.flatMap((line): Entry[] => {
    const { data } = EntrySchema.safeParse(parsed(line))
    if (data === undefined) return []
    if (!('number' in data)) return [data]
    if (data.number <= last) return []
    last = data.number
    return [data]
  })
  return { about: head.data.about, entries }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export const printAbout = (about: RunAbout): string => `${JSON.stringify({ about })}\n`
export const printEntry = (entry: Entry): string => `${JSON.stringify(entry)}\n`

/** The log that entries come to. */
export const linesOf = (entries: readonly Entry[]): RunLine[] =>
  entries.flatMap((entry) => {
    if ('line' in entry) return [{ number: entry.number, text: entry.line }]
    return 'gap' in entry ? [{ number: entry.number, text: `… ${entry.gap} lines left out …` }] : []
  })

/** The last record of each step, in the order of a run. */
export function stepsOf(entries: readonly Entry[]): StepRecord[] {
  const latest = new Map(entries.flatMap((entry) => ('step' in entry ? [[entry.step.step, entry.step]] : [])))
  return STEPS.flatMap((step) => latest.get(step) ?? [])
}

/** The notices that were said last. */
export const noticesOf = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap((entry) => ('notices' in entry ? [entry.notices] : [])).at(-1) ?? []

/** The changes that were shown last. */
export const changesOf = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap((entry) => ('changes' in entry ? [entry.changes] : [])).at(-1) ?? []

/**
 * The entries cut to about `headBytes + tailBytes` as printed: the first and the last ones, a gap for the lines in
 * between, and what became of the steps there. What a first cut kept of the head, later ones keep too.
 */
export function bounded(entries: readonly Entry[], headBytes: number, tailBytes: number): readonly Entry[] {
  const sizes = entries.map((entry) => Buffer.byteLength(printEntry(entry)))
  let start = 0
  for (let room = headBytes; start < entries.length; start++) {
    const entry = entries[start]
    room -= sizes[start] ?? 0
    if (room < 0 || (entry !== undefined && 'gap' in entry)) break
  }
  let end = entries.length
  for (let room = tailBytes; end > start; end--) {
    room -= sizes[end - 1] ?? 0
    if (room < 0) break
  }
  const middle = entries.slice(start, end)
  let [count, number] = [0, 0]
  for (const entry of middle) {
    if (!('number' in entry)) continue
    count += 'gap' in entry ? entry.gap : 1
    number = entry.number
  }
  const gap = count === 0 ? [] : [{ number, gap: count }]
  const said = noticesOf(middle)
  const notices = said.length === 0 ? [] : [{ notices: [...said] }]
  const shown = middle.findLast((entry) => 'changes' in entry)
  const steps = stepsOf(middle).map((step) => ({ step }))
  return [
    ...entries.slice(0, start),
    ...gap,
    ...notices,
    ...(shown === undefined ? [] : [shown]),
    ...steps,
    ...entries.slice(end),
  ]
}
