/** What git and its pushes do to a repo, and the webhooks that follow from it. */
import { suiteAt } from './check-suites.ts'
import { commitOn, type FileChanges } from './commits.ts'
import type { JsonObject } from './json.ts'
import type { Account, IssueEvent, PullRequest, Repository } from './repository.ts'
import type { Payloads } from './webhook-payloads.ts'
import type { World } from './world.ts'

export function pushesOf({ state, webhooks }: World, payloads: Payloads) {
  /** Sends a `pull_request` webhook, where the App is installed on the repo. */
  const announce = (action: string, repository: Repository, pull: PullRequest, by: Account, extra: JsonObject = {}) => {
    if (state.installationOf(repository) === null) return
    webhooks.emit('pull_request', payloads.pullRequest(action, repository, pull, by, extra))
  }

  /** Adds to the events of a pull request. */
  const note = (pull: PullRequest, event: IssueEvent['event'], actor: Account, what: Partial<IssueEvent> = {}) => {
    pull.updatedAtMs = state.now()
    pull.events.push({ id: state.nextId(), event, actor, atMs: state.now(), label: null, rename: null, ...what })
  }

  /** GitHub makes a Check suite with every push, for each App that may write checks. */
  const requestSuite = (repository: Repository, sha: string, by: Account) => {
    if (state.installationOf(repository)?.permissions.checks !== 'write') return
    const { suite, isNew } = suiteAt(state, repository, state.app.id, sha)
    if (isNew) webhooks.emit('check_suite', payloads.checkSuite('requested', repository, suite, by))
  }

  /** Moves a branch, and with it the pull requests that come from it. */
  const moveBranch = (repository: Repository, branch: string, sha: string, by: Account, how: 'forward' | 'forced') => {
    repository.branches.set(branch, sha)
    repository.pushedAtMs = state.now()
    requestSuite(repository, sha, by)
    for (const base of state.repositories.values())
      for (const pull of base.pulls.values()) {
        if (pull.head !== repository || pull.branch !== branch || pull.state !== 'open' || pull.headSha === sha)
          continue
        const before = pull.headSha
        pull.headSha = sha
        pull.updatedAtMs = state.now()
        if (how === 'forced') note(pull, 'head_ref_force_pushed', by)
        announce('synchronize', base, pull, by, { before, after: sha })
      }
  }

  /** A new commit that no branch has yet; the files are those of the first parent, and the changes. */
  const commit = (
    repository: Repository,
    parents: readonly string[],
    changes: FileChanges,
    message: string,
    by: Account,
  ): string => {
    const known = parents.flatMap((sha) => repository.commits.get(sha) ?? [])
    const made = commitOn(known, changes, { message, author: by.login, atMs: state.now() })
    repository.commits.set(made.sha, made)
    return made.sha
  }

  /** One commit on a branch; gives its SHA. */
  const pushTo = (repository: Repository, branch: string, changes: FileChanges, by: Account): string => {
    const before = repository.branches.get(branch)
    const message = `Change ${Object.keys(changes).join(', ')}`
    const sha = commit(repository, before === undefined ? [] : [before], changes, message, by)
    moveBranch(repository, branch, sha, by, 'forward')
    return sha
  }

  /** A merge commit on a branch; where both changed a file, what is merged wins. */
  const mergeInto = (repository: Repository, branch: string, merged: string, by: Account): void => {
    const parents = [repository.branches.get(branch) ?? '', merged]
    const changes = Object.fromEntries(repository.commits.get(merged)?.files ?? [])
    moveBranch(repository, branch, commit(repository, parents, changes, `Merge into ${branch}`, by), by, 'forward')
  }

  return { announce, note, commit, moveBranch, pushTo, mergeInto }
}
