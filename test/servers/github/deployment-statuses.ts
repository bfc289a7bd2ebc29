/** GitHub: REST, Deployment statuses. */
import type { Hono } from 'hono'
import { z } from 'zod'
import { requirePermission } from './app-auth.ts'
import { deploymentStatusView, environmentOf } from './deployment-view.ts'
import { DESCRIPTION_MAX, deploymentNumbered, repositoryToRead, tooLong } from './deployments.ts'
import { validationFailed } from './errors.ts'
import { pageOf } from './pages.ts'
import { bodyOf } from './request-body.ts'
import type { Deployment, DeploymentStatus, State } from './state.ts'
import type { Env, World } from './world.ts'

const StatusCreation = z.strictObject({
  state: z.enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  target_url: z.string().default(''),
  log_url: z.string().default(''),
  description: z.string().default(''),
  environment: z.string().max(255).optional(),
  environment_url: z.string().default(''),
  auto_inactive: z.boolean().default(true),
})

/** GitHub stops taking statuses of one deployment at some number; it documents none. */
const STATUSES_MAX = 100

export function addDeploymentStatuses(repos: Hono<Env>, { state, addresses }: World): void {
  repos.get('/deployments/:id/statuses', (c) => {
    const repository = repositoryToRead(c)
    const deployment = deploymentNumbered(state, repository, c.req.param('id'))
    const newestFirst = deployment.statuses.toReversed()
    return c.json(
      pageOf(c, newestFirst, addresses.api).map((status) =>
        deploymentStatusView(repository, deployment, status, state, addresses),
      ),
    )
  })

  repos.post('/deployments/:id/statuses', async (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['deployments', 'write'])
    const deployment = deploymentNumbered(state, repository, c.req.param('id'))
    const asked = await bodyOf(c, StatusCreation)
    if (asked.description.length > DESCRIPTION_MAX) throw tooLong('DeploymentStatus')
    for (const field of ['target_url', 'log_url', 'environment_url'] as const)
      if (asked[field] !== '' && !/^https?:\/\//i.test(asked[field]))
        throw validationFailed({
          resource: 'DeploymentStatus',
          field,
          code: 'custom',
          message: `${field} must use http(s) scheme`,
        })
    if (deployment.statuses.length >= STATUSES_MAX)
      throw validationFailed({
        resource: 'DeploymentStatus',
        field: 'state',
        code: 'custom',
        message: 'This deployment has reached the maximum number of statuses.',
      })
    const status = addStatus(state, deployment, {
      state: asked.state,
      description: asked.description,
      environment: asked.environment ?? environmentOf(deployment),
      environmentUrl: asked.environment_url,
      logUrl: asked.log_url || asked.target_url,
    })
    if (asked.state === 'success' && asked.auto_inactive) turnOlderInactive(state, deployment)
    return c.json(deploymentStatusView(repository, deployment, status, state, addresses), 201)
  })
}

/** Only older ones that succeeded and are neither transient nor production, of the same repo and environment. */
function turnOlderInactive(state: State, newest: Deployment): void {
  for (const older of state.deployments.values()) {
    if (older.id >= newest.id || older.repositoryId !== newest.repositoryId) continue
    if (environmentOf(older) !== environmentOf(newest) || older.isTransient || older.isProduction) continue
    const last = older.statuses.at(-1)
    if (last?.state === 'success') addStatus(state, older, { ...last, state: 'inactive', description: '' })
  }
}

function addStatus(
  state: State,
  deployment: Deployment,
  what: Pick<DeploymentStatus, 'state' | 'description' | 'environment' | 'environmentUrl' | 'logUrl'>,
): DeploymentStatus {
  const status = { ...what, id: state.nextId(), creator: state.bot(), atMs: state.now() }
  deployment.statuses.push(status)
  deployment.updatedAtMs = status.atMs
  return status
}
