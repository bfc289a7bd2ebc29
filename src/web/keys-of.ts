import { z } from 'zod'
import { type PreviewKey, parseKey } from '../domain/key.ts'
import { type GitOpsBranch, isGitOpsPush } from './gitops-push.ts'

const Repository = z.object({ id: z.int().positive(), full_name: z.string() })
const Action = z.object({ action: z.string() })
const PullRequest = z.object({ repository: Repository, pull_request: z.object({ number: z.int().positive() }) })
const CheckRun = z.object({ repository: Repository, check_run: z.object({ external_id: z.string().nullish() }) })
const CheckSuite = z.object({
  repository: Repository,
  check_suite: z.object({
    pull_requests: z.array(
      z.object({ number: z.int().positive(), base: z.object({ repo: z.object({ id: z.int() }) }) }),
    ),
  }),
})

const PULL_REQUEST_ACTIONS: readonly string[] = [
  'labeled',
  'unlabeled',
  'opened',
  'synchronize',
  'reopened',
  'closed',
  'edited',
]

/** The names of the apps of a repo, `owner/name`. */
export type AppNamesOf = (repositoryName: string) => readonly string[]

/**
 * Which previews a webhook is about. Takes identifiers only: what the payload says of anything else may be old.
 * GitHub: "Webhook events and payloads".
 * @returns the keys, none for an event or action that means nothing here; 'everything' where all may have changed, or
 *   where the event does not say what; 'gitops' where the GitOps branch moved, whose own history says what that is
 *   about; 'malformed' for an event that lacks its identifiers
 */
export function keysOf(
  event: string,
  payload: unknown,
  appsOf: AppNamesOf,
  gitops: GitOpsBranch,
): readonly PreviewKey[] | 'everything' | 'gitops' | 'malformed' {
  if (event === 'pull_request') return answerTo(payload, PULL_REQUEST_ACTIONS) ?? keysOfPull(payload, appsOf)
  if (event === 'check_run') return answerTo(payload, ['rerequested']) ?? keysOfCheckRun(payload)
  if (event === 'check_suite') return answerTo(payload, ['rerequested']) ?? keysOfCheckSuite(payload, appsOf)
  if (event === 'push') return answerToPush(payload, gitops)
  if (event.startsWith('installation')) return answerTo(payload, 'any') ?? 'everything'
  return []
}

/** What to answer at once where the payload's action is none of these, null where it is one of them. */
function answerTo(payload: unknown, wanted: readonly string[] | 'any'): [] | 'malformed' | null {
  const { data } = Action.safeParse(payload)
  if (data === undefined) return 'malformed'
  return wanted === 'any' || wanted.includes(data.action) ? null : []
}

function answerToPush(payload: unknown, gitops: GitOpsBranch): [] | 'gitops' | 'malformed' {
  const isOurs = isGitOpsPush(payload, gitops)
  return isOurs === 'malformed' ? isOurs : isOurs ? 'gitops' : []
}

function keysOfPull(payload: unknown, appsOf: AppNamesOf): PreviewKey[] | 'malformed' {
  const { data } = PullRequest.safeParse(payload)
  if (data === undefined) return 'malformed'
  const { repository, pull_request } = data
  return appsOf(repository.full_name).map((app) => ({ repositoryId: repository.id, pull: pull_request.number, app }))
}

/** The Check run carries its preview's key; one that names another repo, or is not WeStage's, is nobody's. */
function keysOfCheckRun(payload: unknown): PreviewKey[] | 'malformed' {
  const { data } = CheckRun.safeParse(payload)
  if (data === undefined) return 'malformed'
  const key = parseKey(data.check_run.external_id ?? '')
  return key?.repositoryId === data.repository.id ? [key] : []
}

/** GitHub leaves `pull_requests` empty for a pull request from a fork, and lists those of other repos with this head. */
function keysOfCheckSuite(payload: unknown, appsOf: AppNamesOf): PreviewKey[] | 'everything' | 'malformed' {
  const { data } = CheckSuite.safeParse(payload)
  if (data === undefined) return 'malformed'
  const { repository, check_suite } = data
  const pulls = check_suite.pull_requests.filter(({ base }) => base.repo.id === repository.id)
  if (pulls.length === 0) return 'everything'
  const apps = appsOf(repository.full_name)
  return pulls.flatMap(({ number }) => apps.map((app) => ({ repositoryId: repository.id, pull: number, app })))
}
