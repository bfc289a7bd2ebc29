import type { BroughtBack } from '../domain/by-hand.ts'
import { isAnother } from '../domain/by-hand.ts'
import type { PreviewKey } from '../domain/key.ts'
import type { Observed } from '../domain/plan.ts'
import type { Ended } from '../domain/pull.ts'
import type { Status } from '../domain/status.ts'
import { reportFor } from './report.ts'
import type { OpenRuns } from './runs-of.ts'
import type { Settings } from './settings.ts'
import { type WatchPorts, watch } from './watch.ts'

/** How a preview stands that is kept for a while, and until when. */
export interface Kept {
  readonly untilMs: number
  /** What its pull request was told now; null where it had been told before. */
  readonly told: { readonly status: Status; readonly back: BroughtBack } | null
}

/**
 * One look at a preview that a person brought back after its removal: what there is runs again, and its pull request is
 * told by whom, how far it is, and until when.
 * @param untilMs as it was told, null where nothing was told yet
 * @throws {NotReady} it is not live yet
 */
export async function keep(
  key: PreviewKey,
  seen: Observed,
  because: Ended,
  untilMs: number | null,
  runs: OpenRuns,
  ports: WatchPorts,
  settings: Settings,
  signal: AbortSignal,
): Promise<Kept> {
  const { pull, told, folder } = seen
  const isTold = untilMs !== null && !isAnother(told, folder) && told.committed !== null
  const keptUntilMs = untilMs ?? seen.atMs + settings.keepRestoredMs
  if (isTold && told.state === 'live') return { untilMs: keptUntilMs, told: null }
  const change = await ports.branch.lastChange(folder, signal)
  const back = { because, keptUntilMs, change }
  const begun = isTold
    ? told
    : {
        ...told,
        state: 'running' as const,
        committed: { commit: change?.commit ?? folder.commit, committedAtMs: seen.atMs, tree: folder.tree },
      }
  const run = await runs.resume(key, pull, told.run)
  if (folder.preview === null) {
    const status: Status = {
      ...{ kind: 'failed', step: 'sync', whose: 'author', tail: [], lastGood: null, committed: begun.committed, back },
      reason: `preview.yaml can't be read: ${folder.fault}`,
    }
    if (isTold && told.state === 'failed') return { untilMs: keptUntilMs, told: null }
    await ports.pulls.report(pull, reportFor(status, key, pull, null, run, settings), signal)
    return { untilMs: keptUntilMs, told: { status, back } }
  }
  const status = await watch(key, { ...seen, told: begun }, folder.preview, run, ports, settings, back, signal)
  return { untilMs: keptUntilMs, told: status === 'nothing' ? null : { status, back } }
}
