/** Commits to the GitOps repo by GitHub's API, which signs them for the App. */
import { z } from 'zod'
import { NotReady, Terminal } from '../../domain/errors.ts'
import type { NewCommit, WriteCommit, WriteOutcome } from '../../twig/commit-writer.ts'
import type { Client } from './client.ts'
import { faultOfAsking, type GitOpsRepo, installationOf, mayNotWrite, repositoryIn } from './gitops-repo.ts'
import type { GraphqlError } from './graphql.ts'
import { RequestFailed, Suspended } from './request-faults.ts'

/** GitHub: GraphQL reference, createCommitOnBranch. `expectedHeadOid` is the compare-and-swap. */
const MUTATION = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid tree { oid } } }
}`

const Made = z.object({
  createCommitOnBranch: z
    .object({ commit: z.object({ oid: z.string(), tree: z.object({ oid: z.string() }) }).nullable() })
    .nullable(),
})

/** The branch is at another commit than `expectedHeadOid`. */
const STALE = 'STALE_DATA'
/** The token does not reach so far. */
const FORBIDDEN = ['FORBIDDEN', 'INSUFFICIENT_SCOPES']

/**
 * What writes to this branch. One request for each commit, and one for the installation before the first. A request
 * whose outcome is not known is not repeated: that is the caller's to look up.
 * @param gitUrl `https://github.com/acme/previews.git`
 * @throws {Terminal} (operator) at once: the address is not one of this GitHub's
 * @throws {Terminal} (operator) from the function that is returned: the App is not installed there, or may not write
 * @throws {NotReady} from it, too: GitHub's rate limit is used up, or this instance's own
 */
export function commitOnBranch(client: Client, apiUrl: string, gitUrl: string, branch: string): WriteCommit {
  const repository = repositoryIn(gitUrl, apiUrl)
  let installation: number | null = null

  const send = async (commit: NewCommit, signal: AbortSignal) => {
    try {
      installation ??= await installationOf(client.as('app', signal), repository)
    } catch (error) {
      throw faultOfAsking(error, repository)
    }
    const contents = { installationId: installation, repository: repository.repo }
    return await client.as(contents, signal).mutate(MUTATION, { input: inputOf(commit, repository, branch) }, Made)
  }

  return async (commit, signal) => {
    try {
      const { data, errors } = await send(commit, signal)
      const made = data?.createCommitOnBranch?.commit
      if (made != null) return { kind: 'applied', tip: { commit: made.oid, tree: made.tree.oid } }
      return outcomeOf(errors, repository)
    } catch (cause) {
      if (signal.aborted || cause instanceof NotReady || cause instanceof Suspended) throw cause
      const fault = faultOfAsking(cause, repository)
      if (fault instanceof Terminal) {
        installation = null // it may be installed anew when this is asked again
        throw fault
      }
      if (isRefusal(fault)) return { kind: 'rejected', reason: fault.message, words: [] }
      return { kind: 'unknown', cause }
    }
  }
}

function inputOf({ onto, additions, deletions, message }: NewCommit, { owner, repo }: GitOpsRepo, branch: string) {
  const end = message.indexOf('\n')
  const body = end < 0 ? '' : message.slice(end).replace(/^\n+/, '')
  return {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: branch },
    expectedHeadOid: onto,
    message: { headline: end < 0 ? message : message.slice(0, end), body },
    fileChanges: {
      additions: [...additions].map(([path, content]) => ({ path, contents: content.toString('base64') })),
      deletions: deletions.map((path) => ({ path })),
    },
  }
}

/**
 * What the errors of a mutation that gave no commit mean. One without a type may have come after the commit was made:
 * GitHub says no more than that something went wrong.
 */
function outcomeOf(errors: readonly GraphqlError[], repository: GitOpsRepo): WriteOutcome {
  const words = errors.map(({ message }) => message)
  const said = words.join('; ')
  const isOne = (of: (type: string) => boolean) => errors.some(({ type }) => type !== null && of(type))
  if (isOne((type) => type === STALE)) return { kind: 'moved' }
  if (isOne((type) => FORBIDDEN.includes(type))) throw mayNotWrite(repository, new Error(said))
  const isRefused = errors.some(({ type, isOfQuery }) => type !== null || isOfQuery)
  if (isRefused) return { kind: 'rejected', reason: said, words }
  return { kind: 'unknown', cause: new Error(`GitHub did not say what became of a commit: ${said}`) }
}

/** Statuses below 500 are refusals before anything was done; 0 is no answer at all. */
const isRefusal = (error: unknown): error is RequestFailed =>
  error instanceof RequestFailed && error.status >= 400 && error.status < 500
