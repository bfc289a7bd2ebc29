import { accountView, nodeIdOf } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { appView } from './installation-view.ts'
import { type JsonObject, timestamp, without } from './json.ts'
import { fullNameOf, type Repository } from './repository.ts'
import type { Deployment, DeploymentStatus, State } from './state.ts'

/** GitHub: REST, "Get a deployment". */
export function deploymentView(
  repository: Repository,
  deployment: Deployment,
  state: State,
  addresses: Addresses,
): JsonObject {
  const repositoryUrl = `${addresses.api}/repos/${fullNameOf(repository)}`
  return {
    url: `${repositoryUrl}/deployments/${deployment.id}`,
    id: deployment.id,
    node_id: nodeIdOf('Deployment', deployment.id),
    task: deployment.task,
    original_environment: deployment.environment,
    environment: environmentOf(deployment),
    description: deployment.description,
    created_at: timestamp(deployment.createdAtMs),
    updated_at: timestamp(deployment.updatedAtMs),
    statuses_url: `${repositoryUrl}/deployments/${deployment.id}/statuses`,
    repository_url: repositoryUrl,
    creator: accountView(deployment.creator, addresses),
    sha: deployment.sha,
    ref: deployment.ref,
    payload: deployment.payload,
    transient_environment: deployment.isTransient,
    production_environment: deployment.isProduction,
    performed_via_github_app: viaApp(state, addresses),
  }
}

/** GitHub: REST, "Get a deployment status". */
export function deploymentStatusView(
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
  state: State,
  addresses: Addresses,
): JsonObject {
  const repositoryUrl = `${addresses.api}/repos/${fullNameOf(repository)}`
  const deploymentUrl = `${repositoryUrl}/deployments/${deployment.id}`
  return {
    url: `${deploymentUrl}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeIdOf('DeploymentStatus', status.id),
    state: status.state,
    creator: accountView(status.creator, addresses),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: timestamp(status.atMs),
    updated_at: timestamp(status.atMs),
    deployment_url: deploymentUrl,
    repository_url: repositoryUrl,
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: viaApp(state, addresses),
  }
}

/** A status may rename the environment. */
export const environmentOf = (deployment: Deployment): string =>
  deployment.statuses.at(-1)?.environment ?? deployment.environment

const viaApp = (state: State, addresses: Addresses): JsonObject =>
  without(appView(state, addresses), ['installations_count'])
