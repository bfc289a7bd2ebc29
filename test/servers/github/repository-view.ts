import { accountView, nodeIdOf } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { exampleOf, partOf, rewritten } from './examples.ts'
import { type JsonObject, timestamp, without } from './json.ts'
import { fullNameOf, type Repository } from './repository.ts'

const EXAMPLE = without(partOf(exampleOf('pull_request', 'labeled'), 'repository'), ['custom_properties'])

/** GitHub: REST, a repository as lists, pull requests and webhooks have it. */
export function repositoryView(repository: Repository, addresses: Addresses): JsonObject {
  const openIssues = [...repository.pulls.values()].filter(({ state }) => state === 'open').length
  const name = fullNameOf(repository)
  return {
    ...rewritten(EXAMPLE, {
      'https://api.github.com': addresses.api,
      'https://github.com': addresses.site,
      'Codertocat/Hello-World': name,
    }),
    id: repository.id,
    node_id: nodeIdOf('Repository', repository.id),
    name: repository.name,
    full_name: name,
    private: repository.isPrivate,
    visibility: repository.isPrivate ? 'private' : 'public',
    owner: accountView(repository.owner, addresses),
    fork: repository.parent !== null,
    default_branch: repository.defaultBranch,
    created_at: timestamp(repository.createdAtMs),
    updated_at: timestamp(repository.updatedAtMs),
    pushed_at: timestamp(repository.pushedAtMs),
    open_issues: openIssues,
    open_issues_count: openIssues,
    has_pages: false,
    has_discussions: false,
    allow_forking: true,
    language: null,
  }
}

/** GitHub: REST, "Get a repository". */
export const fullRepositoryView = (repository: Repository, addresses: Addresses): JsonObject => ({
  ...repositoryView(repository, addresses),
  permissions: { admin: false, maintain: false, push: false, triage: false, pull: false },
  custom_properties: {},
  network_count: 0,
  subscribers_count: 0,
  temp_clone_token: null,
  ...(repository.parent === null ? {} : { parent: repositoryView(repository.parent, addresses) }),
})

/** How installation webhooks name a repo. */
export const repositoryNameView = (repository: Repository): JsonObject => ({
  id: repository.id,
  node_id: nodeIdOf('Repository', repository.id),
  name: repository.name,
  full_name: fullNameOf(repository),
  private: repository.isPrivate,
})
