import { z } from 'zod'
import type { Api } from './client.ts'
import type { Place } from './installations.ts'
import { RequestFailed } from './request-faults.ts'

/** GitHub: REST, "Get a check run". */
export const CheckRunSchema = z.object({
  id: z.number(),
  name: z.string(),
  external_id: z.string().nullable(),
  status: z.string(),
  conclusion: z.string().nullable(),
  completed_at: z.iso.datetime({ offset: true }).nullable(),
  details_url: z.string().nullable(),
  output: z.object({ title: z.string().nullable(), summary: z.string().nullable(), text: z.string().nullable() }),
  check_suite: z.object({ id: z.number() }).nullable(),
})
export type CheckRun = z.output<typeof CheckRunSchema>

const CheckRunPage = z.object({ check_runs: z.array(CheckRunSchema) }).transform(({ check_runs }) => check_runs)

/** This App's Check runs of a commit: all of them, since two pull requests of one commit have Checks of one name. */
export async function checkRunsAt(api: Api, place: Place, appId: number, sha: string): Promise<readonly CheckRun[]> {
  const found: CheckRun[] = []
  const { owner, repo } = place
  const parameters = { owner, repo, ref: sha, app_id: appId, filter: 'all' }
  for await (const page of api.pages('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', parameters, CheckRunPage)) {
    found.push(...page)
  }
  return found
}

/** The same of a commit that may have been forced away and collected since: then there is none left to look at. */
export async function checkRunsAtFormer(
  api: Api,
  place: Place,
  appId: number,
  sha: string,
): Promise<readonly CheckRun[]> {
  try {
    return await checkRunsAt(api, place, appId, sha)
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 422) return []
    throw error
  }
}

/** The newest with this external_id. */
export function checkRunOf(runs: readonly CheckRun[], key: string): CheckRun | null {
  const own = runs.filter(({ external_id }) => external_id === key)
  return own.reduce<CheckRun | null>((newest, run) => (newest !== null && newest.id > run.id ? newest : run), null)
}
