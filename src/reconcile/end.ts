import { removeMessage } from '../domain/commit-message.ts'
import { NotReady } from '../domain/errors.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import type { Observed } from '../domain/plan.ts'
import type { Ended } from '../domain/pull.ts'
import type { PreviewBranch, Pulls } from '../ports.ts'
import { pageUrlOf, reportFor } from './report.ts'
import type { Settings } from './settings.ts'

const GONE_POLL_MS = 3_000

/** Removes the folder, in one commit. */
export async function remove(
  key: PreviewKey,
  { pull, folder }: Observed,
  because: Ended,
  branch: PreviewBranch,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const subject = { key: keyText(key), app: key.app, pull, sha: pull.head, runUrl: pageUrlOf(settings, key) }
  const message = removeMessage(subject, because)
  await branch.commit({ path: folder.path, files: null, onto: folder.tree, message }, signal)
}

/**
 * Tells the pull request that its preview is gone, once it is.
 * @throws {NotReady} the Application is still there
 */
export async function retire(
  key: PreviewKey,
  { pull, application }: Observed,
  because: Ended,
  pulls: Pulls,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  if (application !== null) throw new NotReady(`Application ${application.name} is being deleted`, GONE_POLL_MS)
  const report = reportFor({ kind: 'removed', because }, key, pull, null, null, settings)
  await pulls.report(pull, report, signal)
  await pulls.settle(pull, report, 'deployments', signal)
}
