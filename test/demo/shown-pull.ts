/** What a pull request's page on GitHub shows of WeStage's work. */
import type { GitHub } from '../servers/github/github.ts'
import type { PullRequest } from '../servers/github/repository.ts'
import type { CheckRun, Deployment, DeploymentStatus } from '../servers/github/state.ts'
import { SHOP } from './sample-pulls.ts'

export interface ShownDeployment {
  readonly deployment: Deployment
  /** The newest one, which is what counts. */
  readonly status: DeploymentStatus
}

export interface ShownPull {
  readonly pull: PullRequest
  /** WeStage's, of the head; null where it has said nothing of it. */
  readonly check: CheckRun | null
  /** Those of the pull request's environment, newest first. */
  readonly deployments: readonly ShownDeployment[]
}

export function shownPull(github: GitHub, pull: PullRequest): ShownPull {
  const deployments = github.deployments(SHOP).flatMap((deployment) => {
    const status = deployment.statuses.at(-1)
    const isOfPull = deployment.environment.endsWith(`/pr-${pull.number}`)
    return isOfPull && status !== undefined ? [{ deployment, status }] : []
  })
  return { pull, check: github.checkRuns(SHOP, pull.headSha).at(-1) ?? null, deployments: deployments.reverse() }
}

/** The sample's pull request of that number. @throws where there is none */
export function shownPullNumbered(github: GitHub, number: number): ShownPull {
  const pull = github.pulls(SHOP).find((each) => each.number === number)
  if (pull === undefined) throw new Error(`no pull request #${number}`)
  return shownPull(github, pull)
}

/** Its preview, null where none is live. One whose newest commit failed still has the one before. */
export function livePreviewOf({ deployments }: ShownPull): { readonly url: string; readonly sinceMs: number } | null {
  const statuses = deployments.map(({ status }) => status)
  const live = statuses.find(({ state, environmentUrl }) => state === 'success' && environmentUrl !== '')
  return live === undefined ? null : { url: live.environmentUrl, sinceMs: live.atMs }
}
