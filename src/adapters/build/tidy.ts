import type { Log } from '../../ports.ts'
import type { ToolRun } from '../child-process.ts'

/**
 * An aborted run has to be gone within a second. A build that does not listen is killed after a quarter of it, and so is
 * what tidies up after it, a quarter after this time.
 */
const AFTER_ABORT_TIMEOUT_MS = 250
const TIMEOUT_MS = 30_000

export type Limits = Required<Pick<ToolRun, 'timeoutMs' | 'signal'>>

/**
 * Removes what a build leaves in a tool's own storage, after an abort of `build` too. What can't be removed in time is
 * said in the log and left to the next build: the build's own outcome is what counts.
 */
export async function tidy(remove: (limits: Limits) => Promise<unknown>, build: AbortSignal, log: Log): Promise<void> {
  const timeoutMs = build.aborted ? AFTER_ABORT_TIMEOUT_MS : TIMEOUT_MS
  // Of all its commands together, and so of each.
  await remove({ timeoutMs, signal: AbortSignal.timeout(timeoutMs) }).catch((error) => {
    log(`could not tidy up after the build: ${error instanceof Error ? error.message : String(error)}`)
  })
}
