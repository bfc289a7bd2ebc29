import { nodeIdOf } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { conclusionOf, runsOf, statusOf } from './check-suites.ts'
import { appView, foreignAppView } from './installation-view.ts'
import { type Json, type JsonObject, timestamp } from './json.ts'
import { pullReferenceView } from './pull-view.ts'
import { fullNameOf, type Repository } from './repository.ts'
import { repositoryView } from './repository-view.ts'
import type { CheckRun, CheckSuite, State } from './state.ts'

/** GitHub: REST, "Get a check run". */
export function checkRunView(repository: Repository, run: CheckRun, state: State, addresses: Addresses): JsonObject {
  const url = `${addresses.api}/repos/${fullNameOf(repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeIdOf('CheckRun', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${addresses.site}/${fullNameOf(repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAtMs === null ? null : timestamp(run.startedAtMs),
    completed_at: run.completedAtMs === null ? null : timestamp(run.completedAtMs),
    output: {
      title: run.output.title,
      summary: run.output.summary,
      text: run.output.text,
      annotations_count: run.output.annotations,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: ownerView(run.appId, state, addresses),
    pull_requests: pullReferencesOf(repository, run.headSha, addresses),
  }
}

/** GitHub: REST, "Get a check suite". */
export function checkSuiteView(
  repository: Repository,
  suite: CheckSuite,
  state: State,
  addresses: Addresses,
): JsonObject {
  const url = `${addresses.api}/repos/${fullNameOf(repository)}/check-suites/${suite.id}`
  return {
    id: suite.id,
    node_id: nodeIdOf('CheckSuite', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: statusOf(suite, state),
    conclusion: conclusionOf(suite, state),
    url,
    before: suite.before,
    after: suite.headSha,
    pull_requests: pullReferencesOf(repository, suite.headSha, addresses),
    app: ownerView(suite.appId, state, addresses),
    repository: repositoryView(repository, addresses),
    created_at: timestamp(suite.createdAtMs),
    updated_at: timestamp(suite.updatedAtMs),
    head_commit: headCommitView(repository, suite.headSha),
    latest_check_runs_count: runsOf(suite, state).length,
    check_runs_url: `${url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
  }
}

/**
 * Open pull requests of this very repo with that head; a fork's are never among them (GitHub: REST, "Create a check
 * run": pushes to a fork are not detected).
 */
const pullReferencesOf = (repository: Repository, sha: string, addresses: Addresses): Json[] =>
  [...repository.pulls.values()]
    .filter((pull) => pull.state === 'open' && pull.headSha === sha && pull.head === repository)
    .map((pull) => pullReferenceView(repository, pull, addresses))

const ownerView = (appId: number, state: State, addresses: Addresses): JsonObject =>
  appId === state.app.id ? appView(state, addresses) : foreignAppView(appId, state, addresses)

function headCommitView(repository: Repository, sha: string): JsonObject {
  const commit = repository.commits.get(sha)
  const name = commit?.author ?? ''
  const person = { name, email: `${name.replace(/[^\w-]/g, '')}@users.noreply.example` }
  return {
    id: sha,
    tree_id: commit?.treeId ?? '',
    message: commit?.message ?? '',
    timestamp: timestamp(commit?.atMs ?? 0),
    author: person,
    committer: person,
  }
}
