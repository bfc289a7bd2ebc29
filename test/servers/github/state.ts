/** Everything that the double knows; what reads and changes it lies in the files named after its parts. */
import { commitOn, type Files } from './commits.ts'
import type { Json } from './json.ts'
import { type Account, fullNameOf, type Label, type PullRequest, type Repository } from './repository.ts'

export type Level = 'read' | 'write'
export type Permissions = Readonly<Record<string, Level>>

export interface Installation {
  readonly id: number
  readonly account: Account
  readonly repositoryIds: Set<number>
  permissions: Permissions
  suspendedAtMs: number | null
  readonly createdAtMs: number
  updatedAtMs: number
}

export interface Token {
  readonly text: string
  readonly installationId: number
  /** null: all that the installation has. */
  readonly repositoryIds: ReadonlySet<number> | null
  readonly permissions: Permissions
  readonly expiresAtMs: number
}

export interface CheckRun {
  readonly id: number
  readonly suiteId: number
  readonly appId: number
  name: string
  readonly headSha: string
  externalId: string
  detailsUrl: string
  status: string
  conclusion: string | null
  startedAtMs: number | null
  completedAtMs: number | null
  output: { title: string | null; summary: string | null; text: string | null; annotations: number }
}

export interface CheckSuite {
  readonly id: number
  readonly repositoryId: number
  readonly appId: number
  readonly headSha: string
  readonly headBranch: string | null
  readonly before: string | null
  /** Asked for again, and no run of it has moved since. */
  isRerequested: boolean
  readonly createdAtMs: number
  updatedAtMs: number
}

export interface DeploymentStatus {
  readonly id: number
  readonly state: string
  readonly creator: Account
  readonly description: string
  readonly environment: string
  readonly environmentUrl: string
  readonly logUrl: string
  readonly atMs: number
}

export interface Deployment {
  readonly id: number
  readonly repositoryId: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly description: string | null
  readonly payload: Json
  readonly isTransient: boolean
  readonly isProduction: boolean
  readonly creator: Account
  readonly statuses: DeploymentStatus[]
  readonly createdAtMs: number
  updatedAtMs: number
}

export class State {
  readonly now: () => number
  readonly accounts = new Map<string, Account>()
  readonly repositories = new Map<number, Repository>()
  /** Lower-case `owner/name` -> id; former names stay until someone takes them. */
  readonly names = new Map<string, number>()
  readonly installations = new Map<number, Installation>()
  readonly tokens = new Map<string, Token>()
  readonly checkRuns = new Map<number, CheckRun>()
  readonly checkSuites = new Map<number, CheckSuite>()
  readonly deployments = new Map<number, Deployment>()
  /** The bare repos that hold the commits of some repos, by the repo's id: writes by GraphQL go there. */
  readonly gitDirs = new Map<number, string>()
  /** `<repo's id> <branch>` -> what says that changes come by pull requests only. */
  readonly protectedBranches = new Map<string, 'protection' | 'ruleset'>()
  readonly app: { readonly id: number; readonly slug: string; permissions: Permissions }
  #lastId = 1000

  constructor(now: () => number, permissions: Permissions) {
    this.now = now
    this.app = { id: 4711, slug: 'westage', permissions }
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  /** The account of a login, made when it is first heard of. */
  account(login: string, type: Account['type'] = 'User'): Account {
    const known = this.accounts.get(login.toLowerCase())
    if (known !== undefined) return known
    const account = { id: this.nextId(), login, type }
    this.accounts.set(login.toLowerCase(), account)
    return account
  }

  /** The App's own user, which creates what the App creates. */
  bot(): Account {
    return this.account(`${this.app.slug}[bot]`)
  }

  /** The repo that has, or last had, this name. */
  repositoryNamed(fullName: string): Repository | null {
    const repository = this.repositories.get(this.names.get(fullName.toLowerCase()) ?? 0)
    return repository === undefined || repository.isDeleted ? null : repository
  }

  /** Makes a repo with one commit on its default branch. */
  createRepository(owner: Account, name: string, files: Files, isPrivate: boolean): Repository {
    const atMs = this.now()
    const first = commitOn([], files, { message: 'Start', author: owner.login, atMs })
    const repository: Repository = {
      ...this.#emptyRepository(owner, name, isPrivate, null),
      branches: new Map([['main', first.sha]]),
      commits: new Map([[first.sha, first]]),
    }
    this.#add(repository)
    return repository
  }

  /** A fork of a repo; `owner`'s own where there is one already. */
  forkOf(parent: Repository, owner: Account): Repository {
    for (const repository of this.repositories.values())
      if (repository.parent === parent && repository.owner === owner && !repository.isDeleted) return repository
    const fork: Repository = {
      ...this.#emptyRepository(owner, parent.name, parent.isPrivate, parent),
      branches: new Map(parent.branches),
      commits: parent.commits,
    }
    this.#add(fork)
    return fork
  }

  installationOf(repository: Repository): Installation | null {
    for (const installation of this.installations.values())
      if (installation.repositoryIds.has(repository.id)) return installation
    return null
  }

  #add(repository: Repository): void {
    this.repositories.set(repository.id, repository)
    this.names.set(fullNameOf(repository).toLowerCase(), repository.id)
  }

  #emptyRepository(owner: Account, name: string, isPrivate: boolean, parent: Repository | null) {
    const atMs = this.now()
    return {
      id: this.nextId(),
      owner,
      name,
      isPrivate,
      parent,
      defaultBranch: 'main',
      pulls: new Map<number, PullRequest>(),
      labels: new Map<string, Label>(),
      isDeleted: false,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      pushedAtMs: atMs,
    }
  }
}
