/** What was found, as people and programs read it. */
import { laidOut, ms } from '../figures.ts'

export interface Finding {
  /** In the JSON. */
  readonly name: string
  readonly says: string
  /** The cells of both sides, '' for none. */
  readonly ours: string
  readonly theirs: string
  /** A ratio, bytes, or how many. */
  readonly value: number
  /** At the most so much; null where it is only shown. */
  readonly goal: number | null
  readonly unit: 'times' | 'bytes' | 'count'
}

export const bytes = (value: number): string =>
  value >= 1_000_000 ? `${(value / 1_000_000).toFixed(1)} MB` : `${(value / 1000).toFixed(0)} KB`

export { ms }

const PRINTED: Readonly<Record<Finding['unit'], (value: number) => string>> = {
  times: (value) => value.toFixed(2),
  bytes,
  count: String,
}

export const isMet = ({ value, goal }: Finding): boolean => goal === null || value <= goal

export const tableOf = (findings: readonly Finding[]): readonly string[] =>
  laidOut([
    ['', 'WeStage', 'other', 'figure', 'goal'],
    ...findings.map((finding) => {
      const print = PRINTED[finding.unit]
      const goal = finding.goal === null ? '' : `${print(finding.goal)} ${isMet(finding) ? 'met' : 'MISSED'}`
      return [finding.says, finding.ours, finding.theirs, print(finding.value), goal]
    }),
  ])
