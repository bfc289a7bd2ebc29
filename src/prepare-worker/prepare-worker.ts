import type { Prepared, PrepareRequest } from '../reconcile/prepare.ts'
import type { RunStep } from '../reconcile/steps.ts'

/** Where prepare runs. */
export interface PrepareWorker {
  /** As `prepare` of reconcile, and the same bundle. @throws beside that as `prepareOn` */
  prepare(request: PrepareRequest, step: RunStep, signal: AbortSignal): Promise<Prepared>
  /** Ends all that it started. */
  close(): Promise<void>
}
