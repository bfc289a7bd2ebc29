import { NotReady, Terminal } from '../domain/errors.ts'
import type { Step, StepRecord } from '../domain/step.ts'
import type { Clock, Log, RunLog } from '../ports.ts'

/**
 * Runs one step of a run: its start, end, outcome and log are written whatever happens.
 * @param stop aborted where another step failed meanwhile, and this one has failed of nothing itself
 */
export type RunStep = <T>(
  step: Step,
  work: (log: Log) => Promise<T>,
  noteOf?: (result: T) => string,
  stop?: AbortSignal,
) => Promise<T>

/** @param maxWaitMs how long a step may be only early: past that, it is somebody's to mend */
export const stepsOf = (run: RunLog, clock: Clock, maxWaitMs: number, signal: AbortSignal): RunStep => {
  return async (step, work, noteOf = () => '', stop = signal) => {
    beginStep(run, step, clock)
    try {
      const result = await work((line) => run.write(line))
      run.end(step, clock.now(), 'done', noteOf(result))
      return result
    } catch (error) {
      if (signal.aborted || stop.aborted) run.end(step, clock.now(), 'aborted', '')
      // A step that is only early goes on when the key is run again, with the start that it has.
      else if (error instanceof NotReady && clock.now() - (stepOf(run, step)?.startedAtMs ?? 0) < maxWaitMs) throw error
      else run.end(step, clock.now(), 'failed', '')
      if (!(error instanceof NotReady) || signal.aborted || stop.aborted) throw error
      throw new Terminal(`Gave up after ${Math.round(maxWaitMs / 60_000)} min: ${error.message}`, { cause: error })
    }
  }
}

/** The steps before anything is committed. */
const PREPARING: readonly (Step | null)[] = ['fetch', 'build', 'render', 'transform']

/** Whether the run is in the half that prepares. */
export const isPreparing = (run: RunLog): boolean => PREPARING.includes(currentStepOf(run))

/** Starts a step, unless it is under way already. */
export function beginStep(run: RunLog, step: Step, clock: Clock): void {
  if (stepOf(run, step)?.outcome !== 'running') run.begin(step, clock.now())
}

export const stepOf = (run: RunLog, step: Step): StepRecord | undefined =>
  run.steps().findLast((record) => record.step === step)

/**
 * The step that an error came from: the one that failed, or is under way; the latest to begin, since an earlier attempt
 * may have failed in a later step.
 */
export const currentStepOf = (run: RunLog): Step | null =>
  run
    .steps()
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'running')
    .reduce<StepRecord | null>(
      (last, each) => (last === null || each.startedAtMs >= last.startedAtMs ? each : last),
      null,
    )?.step ?? null
