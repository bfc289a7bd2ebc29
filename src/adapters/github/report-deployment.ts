import type { Report } from '../../domain/report.ts'
import type { Api } from './client.ts'
import {
  type Deployment,
  DeploymentSchema,
  type DeploymentStatus,
  DeploymentStatusSchema,
  deploymentsOf,
  latestStatusOf,
} from './deployments.ts'
import type { Place } from './installations.ts'
import type { Lately } from './lately.ts'
import { RequestFailed } from './request-faults.ts'

type Wanted = NonNullable<Report['deployment']>

/** GitHub: REST, "Create a deployment status". */
const DESCRIPTION_MAX = 140

/**
 * Brings the Deployment of this commit in this environment to what `wanted` says, and makes it where there is none. It
 * is looked for only where this process does not know what was said of it last.
 */
export async function reportDeployment(
  api: Api,
  place: Place,
  sha: string,
  wanted: Wanted,
  lately: Lately,
): Promise<void> {
  const name = `${place.repositoryId} ${wanted.environment}@${sha}`
  const known = lately.deployments.get(name)
  const said = known === undefined ? undefined : lately.said.get(String(known))
  if (known !== undefined && said !== undefined) {
    if (!isSame(said, wanted)) await writeStatus(api, place, { id: known, sha }, wanted, lately)
    return
  }
  const [listed] = await deploymentsOf(api, place, wanted.environment, sha)
  const found = listed ?? (known === undefined ? null : await createdLately(api, place, known))
  const deployment = found ?? (await createDeployment(api, place, sha, wanted.environment))
  lately.deployments.set(name, deployment.id)
  const latest = found === null ? null : await latestStatusOf(api, place, found)
  if (latest !== null && isSame(latest, wanted)) lately.said.set(String(deployment.id), latest)
  else await writeStatus(api, place, deployment, wanted, lately)
}

/** One that GitHub's lists do not have yet, or not any more: null where somebody deleted it. */
async function createdLately(api: Api, { owner, repo }: Place, id: number): Promise<Deployment | null> {
  try {
    const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}'
    return await api.get(route, { owner, repo, deployment_id: id }, DeploymentSchema)
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 404) return null
    throw error
  }
}

/** GitHub: REST, "Create a deployment": nothing merged, no checks waited for, one that goes with its pull request. */
function createDeployment(api: Api, { owner, repo }: Place, sha: string, environment: string): Promise<Deployment> {
  return api.write(
    'POST /repos/{owner}/{repo}/deployments',
    {
      owner,
      repo,
      ref: sha,
      environment,
      description: 'Preview of a pull request',
      auto_merge: false,
      required_contexts: [],
      transient_environment: true,
      production_environment: false,
    },
    DeploymentSchema,
  )
}

/** Adds a status to a Deployment. */
export async function writeStatus(
  api: Api,
  { owner, repo }: Place,
  { id }: Deployment,
  wanted: Wanted,
  { said }: Lately,
): Promise<void> {
  said.delete(String(id))
  const status = await api.write(
    'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    {
      owner,
      repo,
      deployment_id: id,
      state: wanted.state,
      description: cut(wanted.description),
      log_url: wanted.logUrl,
      // GitHub refuses an environment_url that is there and no URL.
      ...(wanted.environmentUrl === '' ? {} : { environment_url: wanted.environmentUrl }),
      // Older ones are settled by WeStage, transient or not.
      auto_inactive: false,
    },
    DeploymentStatusSchema,
  )
  said.set(String(id), status)
}

const isSame = (latest: DeploymentStatus, wanted: Wanted): boolean =>
  latest.state === wanted.state &&
  (latest.description ?? '') === cut(wanted.description) &&
  (latest.environment_url ?? '') === wanted.environmentUrl &&
  (latest.log_url ?? '') === wanted.logUrl

const cut = (text: string): string =>
  text.length <= DESCRIPTION_MAX ? text : `${text.slice(0, DESCRIPTION_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`
