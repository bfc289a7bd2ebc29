import { removeMessage } from '../domain/commit-message.ts'
import { NotReady } from '../domain/errors.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import type { Observed } from '../domain/plan.ts'
import type { RemovalReason } from '../domain/pull.ts'
import type { PreviewBranch, Pulls } from '../ports.ts'
import type { Nudges } from './nudges.ts'
import { pageUrlOf, reportFor } from './report.ts'
import type { Settings } from './settings.ts'

const GONE_POLL_MS = 3_000

/** Removes the folder, in one commit, and has Argo CD look. */
export async function remove(
  key: PreviewKey,
  { pull, folder }: Observed,
  because: RemovalReason,
  { branch, nudges }: { readonly branch: PreviewBranch; readonly nudges: Nudges },
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const subject = { key: keyText(key), app: key.app, pull, sha: pull.head, runUrl: pageUrlOf(settings, key) }
  const message = removeMessage(subject, because)
  await branch.commit({ path: folder.path, files: null, onto: folder.tree, message }, signal)
  nudges.pushed(key, folder.path, null)
}

/**
 * Tells the pull request that its preview is gone, once it is.
 * @throws {NotReady} the Application is still there
 */
export async function retire(
  key: PreviewKey,
  { pull, folder, application }: Observed,
  because: RemovalReason,
  { pulls, nudges }: { readonly pulls: Pulls; readonly nudges: Nudges },
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  if (application !== null) {
    const { name, isDeleting } = application
    if (isDeleting) throw new NotReady(`Application ${name} is being deleted`, GONE_POLL_MS)
    const afterMs = Math.min(GONE_POLL_MS, nudges.unseen(key, folder.path, null))
    throw new NotReady(`waiting for Argo CD to delete the Application ${name}`, afterMs)
  }
  const report = reportFor({ kind: 'removed', because }, key, pull, null, null, settings)
  await pulls.report(pull, report, signal)
  await pulls.settle(pull, report, 'deployments', signal)
}
