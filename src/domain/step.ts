/** The steps of a run, in the order in which the Check lists them. */
export const STEPS = ['fetch', 'build', 'render', 'transform', 'commit', 'sync', 'resolve'] as const
export type Step = (typeof STEPS)[number]

/** One step of one run. Times are milliseconds since 1970. */
export interface StepRecord {
  readonly step: Step
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly outcome: 'running' | 'done' | 'failed' | 'aborted'
  /** What it came to in a few words: the folder taken, the digest, the commit. */
  readonly note: string
}
