/** The bodies of webhooks: an example of that event and action, with our values put in. */
import { accountView, nodeIdOf, organizationView } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { checkRunView, checkSuiteView } from './check-view.ts'
import { exampleOf } from './examples.ts'
import { installationView } from './installation-view.ts'
import { type Json, type JsonObject, timestamp, without } from './json.ts'
import { labelView, pullView } from './pull-view.ts'
import type { Account, Label, PullRequest, Repository } from './repository.ts'
import { repositoryNameView, repositoryView } from './repository-view.ts'
import type { CheckRun, CheckSuite, Installation, State } from './state.ts'
import { SUBSCRIBED } from './subscribed.ts'

export class Payloads {
  readonly #state: State
  readonly #addresses: Addresses

  constructor(state: State, addresses: Addresses) {
    this.#state = state
    this.#addresses = addresses
  }

  /** `extra` is what an action brings along: `label`, `before` and `after`, `changes`. */
  pullRequest(
    action: string,
    repository: Repository,
    pull: PullRequest,
    sender: Account,
    extra: JsonObject,
  ): JsonObject {
    // The package has no example of `edited`; it is `opened` with `changes`.
    const example = exampleOf('pull_request', action === 'edited' ? 'opened' : action)
    return {
      ...this.#framed(example, repository, sender),
      action,
      number: pull.number,
      pull_request: pullView(repository, pull, this.#addresses),
      ...extra,
    }
  }

  label(repository: Repository, label: Label): JsonObject {
    return { label: labelView(repository, label, this.#addresses) }
  }

  checkRun(action: string, repository: Repository, run: CheckRun, suite: CheckSuite, sender: Account): JsonObject {
    const view = checkRunView(repository, run, this.#state, this.#addresses)
    return {
      ...this.#framed(exampleOf('check_run', action), repository, sender),
      action,
      check_run: { ...view, check_suite: without(this.#suite(repository, suite), SUITE_ONLY) },
    }
  }

  checkSuite(action: string, repository: Repository, suite: CheckSuite, sender: Account): JsonObject {
    return {
      ...this.#framed(exampleOf('check_suite', action), repository, sender),
      action,
      check_suite: this.#suite(repository, suite),
    }
  }

  installation(action: string, installation: Installation): JsonObject {
    return {
      ...without(exampleOf('installation', action), ['requester', 'repositories']),
      action,
      installation: installationView(installation, this.#state, this.#addresses),
      ...(action === 'created' || action === 'deleted' ? { repositories: this.#repositoriesOf(installation) } : {}),
      ...(action === 'created' ? { requester: null } : {}),
      sender: accountView(installation.account, this.#addresses),
    }
  }

  installationRepositories(
    action: 'added' | 'removed',
    installation: Installation,
    repository: Repository,
  ): JsonObject {
    const names = [repositoryNameView(repository)]
    return {
      ...exampleOf('installation_repositories', action),
      action,
      installation: installationView(installation, this.#state, this.#addresses),
      repository_selection: 'selected',
      repositories_added: action === 'added' ? names : [],
      repositories_removed: action === 'removed' ? names : [],
      requester: null,
      sender: accountView(installation.account, this.#addresses),
    }
  }

  ping(url: string): JsonObject {
    const { app } = this.#state
    const atMs = timestamp(this.#state.now())
    return {
      zen: String(exampleOf('ping', null).zen),
      hook_id: app.id,
      hook: {
        type: 'App',
        id: app.id,
        name: 'web',
        active: true,
        events: SUBSCRIBED,
        config: { content_type: 'json', insecure_ssl: '0', secret: '********', url },
        updated_at: atMs,
        created_at: atMs,
        app_id: app.id,
        deliveries_url: `${this.#addresses.api}/app/hook/deliveries`,
      },
    }
  }

  #suite(repository: Repository, suite: CheckSuite): JsonObject {
    return without(checkSuiteView(repository, suite, this.#state, this.#addresses), ['repository'])
  }

  #repositoriesOf({ repositoryIds }: Installation): Json[] {
    return [...this.#state.repositories.values()]
      .filter(({ id, isDeleted }) => repositoryIds.has(id) && !isDeleted)
      .map(repositoryNameView)
  }

  #framed(example: JsonObject, repository: Repository, sender: Account): JsonObject {
    const installation = this.#state.installationOf(repository)
    return {
      ...without(example, ['organization', 'installation']),
      repository: { ...repositoryView(repository, this.#addresses), custom_properties: {} },
      sender: accountView(sender, this.#addresses),
      ...(repository.owner.type === 'Organization'
        ? { organization: organizationView(repository.owner, this.#addresses) }
        : {}),
      ...(installation === null
        ? {}
        : { installation: { id: installation.id, node_id: nodeIdOf('IntegrationInstallation', installation.id) } }),
    }
  }
}

/** What a suite has by itself and not inside a Check run's payload. */
const SUITE_ONLY = ['head_commit', 'latest_check_runs_count', 'check_runs_url', 'rerequestable', 'runs_rerequestable']
