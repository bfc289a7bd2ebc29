import { accountView, nodeIdOf } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { exampleOf, partOf, rewritten } from './examples.ts'
import { type JsonObject, timestamp, without } from './json.ts'
import { fullNameOf, type Label, type PullRequest, type Repository } from './repository.ts'
import { repositoryView } from './repository-view.ts'

const LABELED = exampleOf('pull_request', 'labeled')
const EXAMPLE = without(partOf(LABELED, 'pull_request'), ['head', 'base', 'user', 'assignee', 'milestone', 'labels'])
const EXAMPLE_LABEL = partOf(LABELED, 'label')
const EXAMPLE_SHA = String(partOf(LABELED, 'pull_request', 'head').sha)

/** What a single pull request has and a list's does not. GitHub: REST, "Pull Request" and "Pull Request Simple". */
const SINGLE_ONLY = [
  'merged',
  'mergeable',
  'rebaseable',
  'mergeable_state',
  'merged_by',
  'comments',
  'review_comments',
  'maintainer_can_modify',
  'commits',
  'additions',
  'deletions',
  'changed_files',
]

/** GitHub: REST, "Get a pull request". */
export function pullView(repository: Repository, pull: PullRequest, addresses: Addresses): JsonObject {
  const author = accountView(pull.author, addresses)
  const pathsOf = (from: number, to: number) =>
    Object.fromEntries(
      ['pulls', 'issues', 'pull'].map((kind) => [
        `Codertocat/Hello-World/${kind}/${from}`,
        `${fullNameOf(repository)}/${kind}/${to}`,
      ]),
    )
  return {
    ...rewritten(EXAMPLE, {
      'https://api.github.com': addresses.api,
      'https://github.com': addresses.site,
      'Codertocat/Hello-World': fullNameOf(repository),
      ...pathsOf(2, pull.number),
      [EXAMPLE_SHA]: pull.headSha,
    }),
    id: pull.id,
    node_id: nodeIdOf('PullRequest', pull.id),
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: null,
    user: author,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    milestone: null,
    author_association: 'CONTRIBUTOR',
    created_at: timestamp(pull.createdAtMs),
    updated_at: timestamp(pull.updatedAtMs),
    closed_at: timestampOrNull(pull.closedAtMs),
    merged_at: timestampOrNull(pull.mergedAtMs),
    merged: pull.mergedAtMs !== null,
    merged_by: pull.mergedAtMs === null ? null : author,
    merge_commit_sha: null,
    mergeable: pull.state === 'open' ? true : null,
    rebaseable: pull.state === 'open' ? true : null,
    mergeable_state: pull.state === 'open' ? 'clean' : 'unknown',
    labels: pull.labels.map((label) => labelView(repository, label, addresses)),
    head: endView(pull.head, pull.branch, pull.headSha, addresses),
    base: endView(repository, pull.base, pull.baseSha, addresses),
  }
}

/** GitHub: REST, "List pull requests". */
export const listedPullView = (repository: Repository, pull: PullRequest, addresses: Addresses): JsonObject =>
  without(pullView(repository, pull, addresses), SINGLE_ONLY)

export const labelView = (repository: Repository, { id, name }: Label, { api }: Addresses): JsonObject => ({
  ...EXAMPLE_LABEL,
  id,
  node_id: nodeIdOf('Label', id),
  url: `${api}/repos/${fullNameOf(repository)}/labels/${encodeURIComponent(name)}`,
  name,
  default: false,
  description: '',
})

/** How Check runs and suites name a pull request. GitHub: REST, "Pull Request Minimal". */
export const pullReferenceView = (repository: Repository, pull: PullRequest, { api }: Addresses): JsonObject => {
  const repo = {
    id: repository.id,
    url: `${api}/repos/${fullNameOf(repository)}`,
    name: repository.name,
  }
  return {
    id: pull.id,
    number: pull.number,
    url: `${repo.url}/pulls/${pull.number}`,
    head: { ref: pull.branch, sha: pull.headSha, repo },
    base: { ref: pull.base, sha: pull.baseSha, repo },
  }
}

/** A fork that was deleted leaves its pull requests without a head repo. */
const endView = (repository: Repository, ref: string, sha: string, addresses: Addresses): JsonObject => ({
  label: `${repository.owner.login}:${ref}`,
  ref,
  sha,
  user: accountView(repository.owner, addresses),
  repo: repository.isDeleted ? null : repositoryView(repository, addresses),
})

const timestampOrNull = (ms: number | null): string | null => (ms === null ? null : timestamp(ms))
