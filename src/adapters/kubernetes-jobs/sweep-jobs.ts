import type { Logger } from '../runs/redacted-logger.ts'
import type { Jobs } from './jobs.ts'

/** What a process that was killed left goes while this one is at work already: builds do not wait for a cluster. */
export function sweepJobs(jobs: Jobs, log: Logger, signal: AbortSignal): void {
  jobs.sweep(signal).catch((error) => {
    if (!signal.aborted) log('error', 'Jobs of a former process could not be removed', { error })
  })
}
