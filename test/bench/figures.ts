/** What rounds come to: medians, ratios, and the table that people read. */
import type { PairOf } from './in-turns.ts'
import type { Round } from './sides.ts'

export type Pair = PairOf<Round>

/**
 * What is compared of a round: from the label to the last commit, from the first commit to the last report, and the
 * whole of it; for one pull request that is its own way. `oneReported` is what a single preview waits from its commit to
 * its report, as their median. It has no goal for many: who takes them one after the other gives each the whole machine.
 */
export const MEASURES = ['labelToCommitted', 'committedToReported', 'labelToReported', 'oneReported'] as const
type Measure = (typeof MEASURES)[number]

const NAMES: Readonly<Record<Measure, string>> = {
  labelToCommitted: 'label to committed',
  committedToReported: 'committed to reported',
  labelToReported: 'label to reported',
  oneReported: '  one preview, committed to reported',
}
const VALUES: Readonly<Record<Measure, (round: Round) => number>> = {
  labelToCommitted: ({ previews }) => Math.max(...previews.map(({ committedMs }) => committedMs)),
  committedToReported: ({ previews }) =>
    lastReport(previews) - Math.min(...previews.map(({ committedMs }) => committedMs)),
  labelToReported: ({ previews }) => lastReport(previews),
  oneReported: ({ previews }) => median(previews.map(({ reportedMs }) => reportedMs)),
}
const lastReport = (previews: Round['previews']): number =>
  Math.max(...previews.map(({ committedMs, reportedMs }) => committedMs + reportedMs))

const STEPS = ['told', 'fetch', 'build', 'render', 'transform', 'commit', 'sync', 'resolve', 'reported']
const COSTS = { requests: 'requests to GitHub', free: '  of them not modified', pushes: 'pushes' } as const

/** Ours to theirs, by the medians of all rounds. */
export const ratioOf = (pairs: readonly Pair[], measure: Measure): number =>
  medianOf(pairs, 'ours', VALUES[measure]) / medianOf(pairs, 'theirs', VALUES[measure])

const medianOf = (pairs: readonly Pair[], side: keyof Pair, of: (round: Round) => number): number =>
  median(pairs.map((pair) => of(pair[side])))

/** The lines of one size of round; of the steps, the medians of all previews. */
export function tableOf(pairs: readonly Pair[], goals: Readonly<Partial<Record<Measure, number>>>): string[] {
  const measures = MEASURES.map((measure) => {
    const of = VALUES[measure]
    const goal = goals[measure]
    const ratio = ratioOf(pairs, measure)
    return [
      NAMES[measure],
      ms(medianOf(pairs, 'ours', of)),
      ms(medianOf(pairs, 'theirs', of)),
      ratio.toFixed(2),
      pairs.map(({ ours, theirs }) => (of(ours) / of(theirs)).toFixed(2)).join(' '),
      goal === undefined ? '' : `${goal} ${ratio <= goal ? 'met' : 'MISSED'}`,
    ]
  })
  const steps = STEPS.map((step) => {
    const took = (side: keyof Pair) =>
      ms(median(pairs.flatMap((pair) => pair[side].previews.flatMap(({ steps: of }) => of[step] ?? []))))
    return [`  ${step}`, took('ours'), took('theirs')]
  })
  const costs = (['requests', 'free', 'pushes'] as const).map((cost) => {
    const count = (side: keyof Pair) => String(medianOf(pairs, side, (round) => round[cost]))
    return [COSTS[cost], count('ours'), count('theirs')]
  })
  const head = ['', 'WeStage', 'by hand', 'ratio', 'each pair', 'goal']
  return laidOut([head, ...measures, ['steps, of one preview'], ...steps, ['costs, of the round'], ...costs])
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** As people read it, '' for NaN. */
export const ms = (value: number): string => (Number.isNaN(value) ? '' : `${Math.round(value)} ms`)

/** Columns of equal width. */
export function laidOut(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
