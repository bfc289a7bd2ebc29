/** What people do on GitHub's pages and with git, and the webhooks that follow from it. */

import type { CheckRunChange } from './check-run-request.ts'
import { changeCheckRun, createCheckRun } from './check-runs.ts'
import { suiteAt } from './check-suites.ts'
import type { FileChanges, Files } from './commits.ts'
import { installationsOf } from './installations.ts'
import { pushesOf } from './pushes.ts'
import { fullNameOf, type Label, type PullRequest, type Repository } from './repository.ts'
import { rerequest, rerequestSuite } from './rerequest.ts'
import { Payloads } from './webhook-payloads.ts'
import type { World } from './world.ts'

export interface NewPull {
  readonly branch: string
  readonly title?: string
  /** Login of who opens it. */
  readonly author?: string
  /** What its one commit changes. */
  readonly files: FileChanges
  /** Login of who forked the repo, where the branch is a fork's. */
  readonly fromFork?: string
  readonly labels?: readonly string[]
}

export type People = ReturnType<typeof peopleOf>

/** The driver of a world. Every method takes repos as `owner/name` and throws where there is no such thing. */
export function peopleOf(world: World) {
  const { state, addresses } = world
  const payloads = new Payloads(state, addresses)
  const installations = installationsOf(world, payloads)

  const repositoryNamed = (name: string): Repository => {
    const repository = state.repositoryNamed(name)
    if (repository === null) throw new Error(`no repo ${name}`)
    return repository
  }

  const pullOf = (name: string, number: number): { repository: Repository; pull: PullRequest } => {
    const repository = repositoryNamed(name)
    const pull = repository.pulls.get(number)
    if (pull === undefined) throw new Error(`no pull request ${name}#${number}`)
    return { repository, pull }
  }

  const { announce, note, commit, moveBranch, pushTo, mergeInto } = pushesOf(world, payloads)

  const labelNamed = (repository: Repository, name: string): Label => {
    const label = repository.labels.get(name) ?? { id: state.nextId(), name }
    repository.labels.set(name, label)
    return label
  }

  const addLabel = (repository: Repository, pull: PullRequest, name: string) => {
    if (pull.labels.some((label) => label.name === name)) return
    const label = labelNamed(repository, name)
    pull.labels = [...pull.labels, label]
    note(pull, 'labeled', pull.author, { label: name })
    announce('labeled', repository, pull, pull.author, payloads.label(repository, label))
  }

  const endPull = (repository: Repository, pull: PullRequest, how: 'closed' | 'merged') => {
    if (pull.state === 'closed') throw new Error(`${fullNameOf(repository)}#${pull.number} is closed already`)
    pull.state = 'closed'
    pull.closedAtMs = state.now()
    if (how === 'merged') {
      pull.mergedAtMs = state.now()
      note(pull, 'merged', pull.author)
      mergeInto(repository, pull.base, pull.headSha, pull.author)
    }
    note(pull, 'closed', pull.author)
    announce('closed', repository, pull, pull.author)
  }

  return {
    ...installations,

    /** A new private repo with one commit on `main`; its owner, an organization, installs the App on it. */
    addRepository(name: string, files: Files, options: { isPublic?: boolean; isInstalled?: boolean } = {}): number {
      const [owner = '', short = ''] = name.split('/')
      const account = state.account(owner, 'Organization')
      const repository = state.createRepository(account, short, files, options.isPublic !== true)
      if (options.isInstalled !== false) installations.install(repository)
      return repository.id
    },

    /** Says which bare repo holds a repo's commits: what GraphQL writes goes there, and git finds it there. */
    keepIn(name: string, dir: string): void {
      state.gitDirs.set(repositoryNamed(name).id, dir)
    },

    /** Lets a branch be changed by pull requests only, by classic protection or by a ruleset; null lets go again. */
    protectBranch(name: string, branch: string, by: 'protection' | 'ruleset' | null): void {
      const key = `${repositoryNamed(name).id} ${branch}`
      if (by === null) state.protectedBranches.delete(key)
      else state.protectedBranches.set(key, by)
    },

    /** Opens a pull request with one commit on a new branch of the repo, or of a fork; gives its number. */
    openPull(name: string, { branch, title, author = 'contributor', files, fromFork, labels = [] }: NewPull): number {
      const base = repositoryNamed(name)
      const by = state.account(author)
      const head = fromFork === undefined ? base : state.forkOf(base, state.account(fromFork))
      const baseSha = base.branches.get(base.defaultBranch) ?? ''
      const isKnown = head.branches.has(branch)
      const sha = isKnown ? (head.branches.get(branch) ?? '') : commit(head, [baseSha], files, title ?? branch, by)
      if (!isKnown) moveBranch(head, branch, sha, by, 'forward')
      const atMs = state.now()
      const pull: PullRequest = {
        id: state.nextId(),
        number: Math.max(0, ...base.pulls.keys()) + 1,
        title: title ?? branch,
        author: by,
        branch,
        head,
        headSha: sha,
        base: base.defaultBranch,
        baseSha,
        state: 'open',
        mergedAtMs: null,
        closedAtMs: null,
        labels: labels.map((label) => labelNamed(base, label)),
        events: [],
        createdAtMs: atMs,
        updatedAtMs: atMs,
      }
      base.pulls.set(pull.number, pull)
      for (const label of labels) note(pull, 'labeled', by, { label })
      announce('opened', base, pull, by)
      // GitHub sends `labeled` as well where labels were chosen in the form.
      for (const label of pull.labels) announce('labeled', base, pull, by, payloads.label(base, label))
      return pull.number
    },

    /** Pushes one commit to a pull request's branch, or to a branch by name; gives its SHA. */
    push(name: string, to: number | string, changes: FileChanges): string {
      if (typeof to === 'string') {
        const repository = repositoryNamed(name)
        return pushTo(repository, to, changes, repository.owner)
      }
      const { pull } = pullOf(name, to)
      return pushTo(pull.head, pull.branch, changes, pull.author)
    },

    /** Sets a pull request's branch to a commit that exists, whatever stood there. */
    forcePush(name: string, number: number, sha: string): void {
      const { pull } = pullOf(name, number)
      if (!pull.head.commits.has(sha)) throw new Error(`no commit ${sha}`)
      moveBranch(pull.head, pull.branch, sha, pull.author, 'forced')
    },

    label(name: string, number: number, label: string): void {
      const { repository, pull } = pullOf(name, number)
      addLabel(repository, pull, label)
    },

    unlabel(name: string, number: number, label: string): void {
      const { repository, pull } = pullOf(name, number)
      if (!pull.labels.some((each) => each.name === label)) return
      pull.labels = pull.labels.filter((each) => each.name !== label)
      note(pull, 'unlabeled', pull.author, { label })
      announce('unlabeled', repository, pull, pull.author, payloads.label(repository, labelNamed(repository, label)))
    },

    closePull(name: string, number: number): void {
      const { repository, pull } = pullOf(name, number)
      endPull(repository, pull, 'closed')
    },

    mergePull(name: string, number: number): void {
      const { repository, pull } = pullOf(name, number)
      endPull(repository, pull, 'merged')
    },

    reopenPull(name: string, number: number): void {
      const { repository, pull } = pullOf(name, number)
      if (pull.mergedAtMs !== null) throw new Error('a merged pull request stays closed')
      pull.state = 'open'
      pull.closedAtMs = null
      // While it was closed, pushes to its branch were not its own.
      pull.headSha = pull.head.branches.get(pull.branch) ?? pull.headSha
      note(pull, 'reopened', pull.author)
      announce('reopened', repository, pull, pull.author)
    },

    editPull(name: string, number: number, title: string): void {
      const { repository, pull } = pullOf(name, number)
      const from = pull.title
      pull.title = title
      note(pull, 'renamed', pull.author, { rename: { from, to: title } })
      announce('edited', repository, pull, pull.author, { changes: { title: { from } } })
    },

    /** Presses "Re-run" at a Check run. */
    rerunCheck(checkRunId: number): void {
      const run = state.checkRuns.get(checkRunId)
      const repository = state.repositories.get(state.checkSuites.get(run?.suiteId ?? 0)?.repositoryId ?? 0)
      if (run === undefined || repository === undefined) throw new Error(`no Check run ${checkRunId}`)
      rerequest(world, repository, run, repository.owner)
    },

    /** Presses "Re-run all checks": the App's suite at that commit. */
    rerunSuite(name: string, sha: string): void {
      const repository = repositoryNamed(name)
      rerequestSuite(world, repository, suiteAt(state, repository, state.app.id, sha).suite.id, repository.owner)
    },

    /** A Check run of another App, such as CI's; gives its id. */
    addForeignCheckRun(name: string, sha: string, check: { name: string } & CheckRunChange): number {
      const repository = repositoryNamed(name)
      const run = createCheckRun(world, repository, FOREIGN_APP_ID, check.name, sha)
      changeCheckRun(world, repository, run, check)
      return run.id
    },

    /** GitHub: REST, "Delete a deployment": one that is inactive, or the only one of its repo. */
    deleteDeployment(name: string, id: number): void {
      const { id: repositoryId } = repositoryNamed(name)
      const all = [...state.deployments.values()].filter((each) => each.repositoryId === repositoryId)
      const deployment = all.find((each) => each.id === id)
      if (deployment === undefined) throw new Error(`no Deployment ${id}`)
      if (all.length > 1 && deployment.statuses.at(-1)?.state !== 'inactive') {
        throw new Error(`Deployment ${id} is not inactive`)
      }
      state.deployments.delete(id)
    },

    mergeInto,
  }
}

/** The App of GitHub's own workflows. */
const FOREIGN_APP_ID = 15_368
