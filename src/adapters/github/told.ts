import { z } from 'zod'
import { keyText, type PreviewKey } from '../../domain/key.ts'
import { type Memo, NOTHING_TOLD, parseMemo } from '../../domain/memo.ts'
import type { Pull } from '../../domain/pull.ts'
import type { Told } from '../../domain/report.ts'
import { type CheckRun, checkRunOf, checkRunsAt, checkRunsAtFormer } from './check-runs.ts'
import type { Api, Client } from './client.ts'
import { activeDeployments } from './deployments.ts'
import type { Place } from './installations.ts'
import { checkNameAt, type Lately } from './lately.ts'
import { getPull } from './read-pull.ts'

/** What the pull request was told last, as the port says. */
export async function told(
  client: Client,
  place: Place,
  { appId, label }: { readonly appId: number; readonly label: string },
  key: PreviewKey,
  pull: Pull,
  environment: string,
  lately: Lately,
  signal: AbortSignal,
): Promise<Told> {
  const api = client.as(place.installationId, signal)
  const runsAt = pull.ended === null ? checkRunsAt : checkRunsAtFormer
  const runs = await runsAt(api, place, appId, pull.head)
  const run = checkRunOf(runs, keyText(key))
  if (run !== null) lately.checks.set(checkNameAt(keyText(key), pull.head), { id: run.id, run })
  const memo = run === null ? NOTHING_TOLD : memoOf(run)
  if (pull.ended !== null) {
    const isSaidToBeOver = memo.state === 'none' || memo.state === 'removed'
    const isLeft = isSaidToBeOver && (await activeDeployments(api, place, environment, null, lately)).length > 0
    return { ...memo, state: isLeft ? 'running' : memo.state, isAskedAgain: false }
  }
  const isStuck = memo.state === 'failed' || memo.state === 'held'
  const isAskedAgain =
    run !== null &&
    (((isStuck || memo.state === 'live') && (await isRerequested(api, place, run, runs))) ||
      (isStuck && (await isLabelledSince(client, place, run, key, label, signal))))
  return { ...memo, isAskedAgain }
}

function memoOf(run: CheckRun): Memo {
  const memo = parseMemo(run.output.summary ?? '')
  return memo ?? { ...NOTHING_TOLD, state: run.status === 'completed' ? 'none' : 'running' }
}

const SuiteSchema = z.object({ status: z.string().nullable() })

/**
 * GitHub: REST, "Rerequest a check run": the status of its suite is reset to queued; the run itself is not touched. A
 * suite is queued as well while a run of it is, which is no request.
 */
async function isRerequested(api: Api, { owner, repo }: Place, run: CheckRun, runs: readonly CheckRun[]) {
  if (run.status !== 'completed' || run.check_suite === null) return false
  const suiteId = run.check_suite.id
  if (runs.some(({ check_suite, status }) => check_suite?.id === suiteId && status === 'queued')) return false
  const route = 'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}'
  const suite = await api.get(route, { owner, repo, check_suite_id: suiteId }, SuiteSchema)
  return suite.status === 'queued'
}

/** GitHub: REST, "List issue events"; "Issue event types", labeled. Oldest first. */
const EventPage = z.array(
  z.object({
    event: z.string(),
    created_at: z.iso.datetime({ offset: true }),
    label: z.object({ name: z.string() }).optional(),
  }),
)

/**
 * Whether the label was put on again after the Check was completed; not asked where the pull request has not moved
 * since. GitHub's times have seconds: within one, what tells is that the label was taken off in between.
 */
async function isLabelledSince(
  client: Client,
  place: Place,
  { completed_at }: CheckRun,
  key: PreviewKey,
  label: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (completed_at === null) return false
  const completedAtMs = Date.parse(completed_at)
  const pull = await getPull(client, place, key.pull, signal)
  if (pull === null || Date.parse(pull.updated_at) < completedAtMs) return false
  const { owner, repo } = place
  const parameters = { owner, repo, issue_number: key.pull }
  const api = client.as(place.installationId, signal)
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/events'
  let isTakenOff = false
  for await (const page of api.pages(route, parameters, EventPage)) {
    for (const each of page) {
      const atMs = Date.parse(each.created_at)
      if (each.label?.name.toLowerCase() !== label.toLowerCase() || atMs < completedAtMs) continue
      if (each.event === 'labeled' && (isTakenOff || atMs > completedAtMs)) return true
      isTakenOff ||= each.event === 'unlabeled'
    }
  }
  return false
}
