import { z } from 'zod'
import type { BoundedMap } from './bounded-map.ts'
import type { Api } from './client.ts'
import { eachOf } from './each-of.ts'
import type { Place } from './installations.ts'

/** GitHub: REST, "List deployments". */
export const DeploymentSchema = z.object({ id: z.number(), sha: z.string() })
export type Deployment = z.output<typeof DeploymentSchema>

/** GitHub: REST, "List deployment statuses". */
export const DeploymentStatusSchema = z.object({
  state: z.string(),
  description: z.string().nullable(),
  environment_url: z.string().nullish(),
  log_url: z.string().nullish(),
})
export type DeploymentStatus = z.output<typeof DeploymentStatusSchema>

const DeploymentPage = z.array(DeploymentSchema)
const StatusPage = z.array(DeploymentStatusSchema)

/** Deployments of an environment, of one commit or, with null, of any; the newest first. */
export async function deploymentsOf(
  api: Api,
  { owner, repo }: Place,
  environment: string,
  sha: string | null,
): Promise<readonly Deployment[]> {
  const found: Deployment[] = []
  const parameters = { owner, repo, environment, ...(sha === null ? {} : { sha }) }
  for await (const page of api.pages('GET /repos/{owner}/{repo}/deployments', parameters, DeploymentPage)) {
    found.push(...page)
  }
  return found.sort((a, b) => b.id - a.id)
}

/** What a Deployment was last said to be; null where nothing was said yet. */
export async function latestStatusOf(
  api: Api,
  { owner, repo }: Place,
  { id }: Deployment,
): Promise<DeploymentStatus | null> {
  const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
  // GitHub gives the newest first.
  const [latest] = await api.get(route, { owner, repo, deployment_id: id, per_page: 1 }, StatusPage)
  return latest ?? null
}

const CONCURRENCY = 5

/**
 * The Deployments of an environment that are not inactive, each with its state, null where nothing was said of it yet.
 * Those that are known to be inactive are not asked.
 * @param exceptSha the commit whose own are left out, null for all
 */
export async function activeDeployments(
  api: Api,
  place: Place,
  environment: string,
  exceptSha: string | null,
  { said }: { readonly said: BoundedMap<DeploymentStatus> },
): Promise<readonly { readonly deployment: Deployment; readonly state: string | null }[]> {
  const all = await deploymentsOf(api, place, environment, null)
  const open = all.filter(({ id, sha }) => sha !== exceptSha && said.get(String(id))?.state !== 'inactive')
  const states = await eachOf(open, CONCURRENCY, async (deployment) => {
    const latest = await latestStatusOf(api, place, deployment)
    if (latest !== null) said.set(String(deployment.id), latest)
    return { deployment, state: latest?.state ?? null }
  })
  return states.filter(({ state }) => state !== 'inactive')
}
