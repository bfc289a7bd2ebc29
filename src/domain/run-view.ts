import type { StepRecord } from './step.ts'

/** One line of a run's log. Numbers only grow; one that stands for lines left out has the number of the last of them. */
export interface RunLine {
  readonly number: number
  readonly text: string
}

/** A run as its page shows it. */
export interface RunView {
  readonly id: string
  readonly about: { readonly key: string; readonly title: string; readonly pullUrl: string; readonly sha: string }
  readonly steps: readonly StepRecord[]
  readonly lines: readonly RunLine[]
  /** What people changed of what it committed, as the lines of a unified diff. */
  readonly changes: readonly string[]
}

/** What came to a run since it was looked at. */
export type RunUpdate =
  | { readonly kind: 'lines'; readonly lines: readonly RunLine[] }
  | { readonly kind: 'steps'; readonly steps: readonly StepRecord[] }
  | { readonly kind: 'changes'; readonly changes: readonly string[] }

/** The runs' logs, to be looked at. */
export interface RunReader {
  /** A run as it is now; null where there is no such log, or the id is not one. */
  view(id: string): Promise<RunView | null>
  /**
   * The steps, the changes by hand and every line after number `from`, and then what is added by this process, until
   * `signal` is aborted; ends at once where there is no such log. A reader that is too slow misses nothing that the log
   * itself keeps.
   */
  follow(id: string, from: number, signal: AbortSignal): AsyncIterable<RunUpdate>
}

/**
 * Whether these steps look like the end of a run: the last one came to nothing, or the preview's hosts have answered.
 * A hint only, since a retry begins a step again.
 */
export function isOver(steps: readonly StepRecord[]): boolean {
  if (steps.some(({ outcome }) => outcome === 'running')) return false
  const last = steps.at(-1)
  if (last === undefined) return false
  return last.step === 'resolve' || last.outcome === 'failed' || last.outcome === 'aborted'
}
