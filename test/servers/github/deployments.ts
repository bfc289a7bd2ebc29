/** GitHub: REST, Deployments. */
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { requirePermission } from './app-auth.ts'
import { isAncestor } from './commits.ts'
import { deploymentView, environmentOf } from './deployment-view.ts'
import { notFound, Refusal, validationFailed } from './errors.ts'
import { pageOf } from './pages.ts'
import { type Repository, resolveRef } from './repository.ts'
import { bodyOf } from './request-body.ts'
import type { Deployment, State } from './state.ts'
import type { Env, World } from './world.ts'

export const DESCRIPTION_MAX = 140

const DeploymentCreation = z.strictObject({
  ref: z.string(),
  task: z.string().default('deploy'),
  auto_merge: z.boolean().default(true),
  required_contexts: z.array(z.string()).optional(),
  payload: z.union([z.record(z.string(), z.json()), z.string()]).default({}),
  environment: z.string().max(255).default('production'),
  description: z.string().nullable().default(null),
  transient_environment: z.boolean().default(false),
  production_environment: z.boolean().optional(),
})

/** @param mergeInto merges the default branch into a branch, as a push does */
export function addDeployments(
  repos: Hono<Env>,
  { state, addresses }: World,
  mergeInto: (repository: Repository, branch: string, merged: string) => void,
): void {
  repos.get('/deployments', (c) => {
    const repository = repositoryToRead(c)
    const { sha, ref, task, environment } = c.req.query()
    const found = [...state.deployments.values()]
      .filter((each) => each.repositoryId === repository.id)
      .filter((each) => isWanted(sha, each.sha) && isWanted(ref, each.ref))
      .filter((each) => isWanted(task, each.task) && isWanted(environment, environmentOf(each)))
      .sort((a, b) => b.id - a.id)
    return c.json(pageOf(c, found, addresses.api).map((each) => deploymentView(repository, each, state, addresses)))
  })

  repos.post('/deployments', async (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['deployments', 'write'])
    const asked = await bodyOf(c, DeploymentCreation)
    if ((asked.description ?? '').length > DESCRIPTION_MAX) throw tooLong('Deployment')
    const commit = resolveRef(repository, asked.ref)
    if (commit === null) throw new Refusal(422, `No ref found for: ${asked.ref}`)
    const tip = repository.branches.get(repository.defaultBranch)
    if (asked.auto_merge && tip !== undefined && !isAncestor(repository.commits, tip, commit.sha)) {
      const branch = asked.ref.replace(/^(refs\/)?heads\//, '')
      // Only a branch can take a merge; what GitHub does with a bare SHA is not documented, so it is refused.
      if (!repository.branches.has(branch))
        throw new Refusal(409, `Conflict merging ${repository.defaultBranch} into ${asked.ref}.`)
      mergeInto(repository, branch, tip)
      return c.json({ message: `Auto-merged ${repository.defaultBranch} into ${branch} on deployment.` }, 202)
    }
    requireContexts(state, repository, commit.sha, asked)
    const atMs = state.now()
    const deployment: Deployment = {
      id: state.nextId(),
      repositoryId: repository.id,
      sha: commit.sha,
      ref: asked.ref,
      task: asked.task,
      environment: asked.environment,
      description: asked.description,
      payload: asked.payload,
      isTransient: asked.transient_environment,
      isProduction: asked.production_environment ?? asked.environment === 'production',
      creator: state.bot(),
      statuses: [],
      createdAtMs: atMs,
      updatedAtMs: atMs,
    }
    state.deployments.set(deployment.id, deployment)
    return c.json(deploymentView(repository, deployment, state, addresses), 201)
  })

  repos.get('/deployments/:id', (c) => {
    const repository = repositoryToRead(c)
    return c.json(
      deploymentView(repository, deploymentNumbered(state, repository, c.req.param('id')), state, addresses),
    )
  })
}

/** The repo of a request that reads Deployments. */
export function repositoryToRead(c: Context<Env>): Repository {
  requirePermission(c.get('caller'), c.get('repository'), ['deployments', 'read'])
  return c.get('repository')
}

export function deploymentNumbered(state: State, repository: Repository, id: string): Deployment {
  const deployment = state.deployments.get(Number(id))
  if (deployment?.repositoryId !== repository.id) throw notFound()
  return deployment
}

export const tooLong = (resource: 'Deployment' | 'DeploymentStatus'): Refusal =>
  validationFailed({
    resource,
    field: 'description',
    code: 'custom',
    message: `description is too long (maximum is ${DESCRIPTION_MAX} characters)`,
  })

/** GitHub: "List deployments": the filters' default is `none`. */
const isWanted = (wanted: string | undefined, actual: string): boolean =>
  wanted === undefined || wanted === 'none' || wanted === actual

/** Without `required_contexts` every check at the commit must have succeeded, our own unfinished one included. */
function requireContexts(
  state: State,
  repository: Repository,
  sha: string,
  { ref, required_contexts }: { ref: string; required_contexts?: string[] | undefined },
): void {
  const verdicts = new Map<string, string>()
  for (const run of state.checkRuns.values())
    if (run.headSha === sha && state.checkSuites.get(run.suiteId)?.repositoryId === repository.id)
      verdicts.set(run.name, run.conclusion ?? 'pending')
  const contexts = (required_contexts ?? [...verdicts.keys()]).map((context) => ({
    context,
    state: verdicts.get(context) ?? 'pending',
  }))
  if (contexts.every(({ state: verdict }) => ['success', 'neutral', 'skipped'].includes(verdict))) return
  throw new Refusal(409, `Conflict: Commit status checks failed for ${ref}`, {
    body: { errors: [{ contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }] },
  })
}
