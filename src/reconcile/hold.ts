import { foundIn } from '../domain/by-hand.ts'
import type { PreviewKey } from '../domain/key.ts'
import type { Observed } from '../domain/plan.ts'
import type { Status } from '../domain/status.ts'
import { withoutSecrets } from '../manifests/without-secrets.ts'
import type { Differences, PreviewBranch, Pulls, RunLog } from '../ports.ts'
import { reportFor } from './report.ts'
import type { Settings } from './settings.ts'

export interface HoldPorts {
  readonly pulls: Pulls
  readonly branch: PreviewBranch
  readonly differences: Differences
}

/**
 * Tells the pull request that people changed the folder, and that it is left as it is; the run's page shows how it
 * differs from what WeStage wrote.
 */
export async function hold(
  key: PreviewKey,
  { pull, told, folder, change }: Observed,
  run: RunLog,
  { pulls, branch, differences }: HoldPorts,
  settings: Settings,
  signal: AbortSignal,
): Promise<Extract<Status, { kind: 'held' }>> {
  const { committed } = told
  const { tree } = folder
  const status: Status = { kind: 'held', committed, tree, found: foundIn(folder, pull.head), change }
  const lines =
    committed === null || committed.tree === null || tree === null
      ? []
      : await changedLines(committed.tree, tree, branch, differences, signal)
  run.showChanges(lines)
  if (change !== null)
    run.write(`changed in the GitOps repo by ${change.name}, commit ${change.commit}: ${change.subject}`)
  if (lines.length > 0) run.write('what was changed of what WeStage wrote is shown on this run’s page')
  await pulls.report(pull, reportFor(status, key, pull, folder.preview, run, settings), signal)
  return status
}

/** How the folder is not as it was written any more: a unified diff, without anything of Secrets. */
async function changedLines(
  written: string,
  now: string,
  branch: PreviewBranch,
  differences: Differences,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [before, after] = await Promise.all([branch.files(written, signal), branch.files(now, signal)])
  if (before === null || after === null) {
    return ['What WeStage wrote is not in the GitOps repo any more, so that the difference can’t be shown.']
  }
  const shown = withoutSecrets(before, after)
  const diff = await differences.of(shown.before, shown.after, signal)
  return [
    ...shown.hidden.map((path) => `${path} was changed; it holds a Secret, whose values are not shown.`),
    ...(diff === null
      ? changedFiles(shown.before, shown.after).map((path) => `${path} was changed.`)
      : diff.split('\n').filter((line, at, all) => line !== '' || at < all.length - 1)),
  ]
}

/** The files that are not the same in both, by name: what can be said without a diff. */
function changedFiles(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort()
}
