/** A repo with its branches and pull requests, and the names that its commits go by. */
import type { Commit } from './commits.ts'

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'Organization' | 'User'
}

export interface Repository {
  readonly id: number
  owner: Account
  name: string
  readonly isPrivate: boolean
  readonly defaultBranch: string
  readonly branches: Map<string, string>
  /** Forks share their parent's, as GitHub's do. */
  readonly commits: Map<string, Commit>
  readonly pulls: Map<number, PullRequest>
  readonly labels: Map<string, Label>
  readonly parent: Repository | null
  isDeleted: boolean
  readonly createdAtMs: number
  updatedAtMs: number
  pushedAtMs: number
}

export interface Label {
  readonly id: number
  readonly name: string
}

export interface IssueEvent {
  readonly id: number
  readonly event: 'labeled' | 'unlabeled' | 'closed' | 'reopened' | 'merged' | 'renamed' | 'head_ref_force_pushed'
  readonly actor: Account
  readonly atMs: number
  readonly label: string | null
  readonly rename: { readonly from: string; readonly to: string } | null
}

export interface PullRequest {
  readonly id: number
  readonly number: number
  title: string
  readonly author: Account
  readonly branch: string
  /** The repo of its branch: another one for a fork. */
  readonly head: Repository
  headSha: string
  readonly base: string
  baseSha: string
  state: 'open' | 'closed'
  mergedAtMs: number | null
  closedAtMs: number | null
  labels: readonly Label[]
  readonly events: IssueEvent[]
  readonly createdAtMs: number
  updatedAtMs: number
}

export const fullNameOf = ({ owner, name }: Repository): string => `${owner.login}/${name}`

/** The commit that a branch, `heads/<branch>`, `pull/<n>/head` or a (short) SHA stands for. */
export function resolveRef(repository: Repository, ref: string): Commit | null {
  const name = ref.replace(/^refs\//, '')
  const pull = /^pull\/(\d+)\/head$/.exec(name)?.[1]
  const sha =
    pull === undefined
      ? (repository.branches.get(name.replace(/^heads\//, '')) ?? name)
      : (repository.pulls.get(Number(pull))?.headSha ?? name)
  const exact = repository.commits.get(sha)
  if (exact !== undefined || !/^[0-9a-f]{7,39}$/.test(sha)) return exact ?? null
  const matches = [...repository.commits.values()].filter((commit) => commit.sha.startsWith(sha))
  return matches.length === 1 ? (matches[0] ?? null) : null
}
