import type { Report } from '../../domain/report.ts'
import { type CheckRun, CheckRunSchema, checkRunOf, checkRunsAt } from './check-runs.ts'
import type { Api } from './client.ts'
import { fittedText } from './fitted-text.ts'
import type { Place } from './installations.ts'
import { checkNameAt, type Lately } from './lately.ts'

/**
 * Brings the Check run of this key at this commit to what `report` says, and makes it where there is none. It is looked
 * for only where this process does not know what it says.
 */
export async function reportCheckRun(
  api: Api,
  place: Place,
  appId: number,
  sha: string,
  report: Report,
  lately: Lately,
): Promise<void> {
  const { owner, repo } = place
  const name = checkNameAt(report.key, sha)
  const known = lately.checks.get(name)
  const found =
    known?.run ??
    checkRunOf(await checkRunsAt(api, place, appId, sha), report.key) ??
    (await createdLately(api, place, known?.id))
  if (found !== null) return changeCheckRun(api, place, sha, found, report, lately)
  const body = { owner, repo, head_sha: sha, external_id: report.key, ...bodyOf(report) }
  const run = await api.write('POST /repos/{owner}/{repo}/check-runs', body, CheckRunSchema)
  lately.checks.set(name, { id: run.id, run })
}

/** Brings a Check run to what `report` says; writes nothing where that stands there already. */
export async function changeCheckRun(
  api: Api,
  { owner, repo }: Place,
  sha: string,
  run: CheckRun,
  report: Report,
  { checks }: Lately,
): Promise<void> {
  const { id } = run
  const name = checkNameAt(report.key, sha)
  checks.set(name, { id, run })
  const body = bodyOf(report)
  if (isSame(run, body)) return
  const isBegunAgain = run.status === 'completed' && body.status !== 'completed'
  checks.set(name, { id, run: null })
  const changed = await api.write(
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    {
      owner,
      repo,
      check_run_id: id,
      ...body,
      // Its duration is that of this run, not the time since the first one.
      ...(isBegunAgain ? { started_at: new Date().toISOString() } : {}),
    },
    CheckRunSchema,
  )
  checks.set(name, { id, run: changed })
}

async function createdLately(api: Api, { owner, repo }: Place, id: number | undefined): Promise<CheckRun | null> {
  if (id === undefined) return null
  return api.get(
    'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
    { owner, repo, check_run_id: id },
    CheckRunSchema,
  )
}

/** The memo that the summary ends in: its last line. */
const memoIn = (summary: string): string => summary.slice(summary.lastIndexOf('\n') + 1)

/** GitHub: REST, "Create a check run" and "Update a check run": what both take. A conclusion makes it completed. */
const bodyOf = ({ checkName, check }: Report) => ({
  name: checkName,
  details_url: check.detailsUrl,
  status: check.status,
  ...(check.conclusion === null ? {} : { conclusion: check.conclusion }),
  output: {
    title: check.title,
    summary: fittedText(check.summary, memoIn(check.summary)),
    text: fittedText(check.text, ''),
  },
})

const isSame = (run: CheckRun, body: ReturnType<typeof bodyOf>): boolean =>
  run.name === body.name &&
  run.details_url === body.details_url &&
  run.status === body.status &&
  run.conclusion === (body.conclusion ?? null) &&
  run.output.title === body.output.title &&
  run.output.summary === body.output.summary &&
  (run.output.text ?? '') === body.output.text
