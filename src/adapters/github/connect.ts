import { createPrivateKey } from 'node:crypto'
import { Terminal } from '../../domain/errors.ts'
import type { ArchiveGrants, Archives, Changes, Pulls } from '../../ports.ts'
import type { WriteCommit } from '../../twig/commit-writer.ts'
import { type Access, checkAccess } from './access.ts'
import { archiveGrant, revokeGrant } from './archive-grant.ts'
import { botName } from './bot-name.ts'
import { changedPaths } from './changed-paths.ts'
import { githubClient, type Log } from './client.ts'
import { commitOnBranch } from './commit-on-branch.ts'
import { fileAt } from './file-at.ts'
import { type GitCredentials, gitCredentials } from './git-credentials.ts'
import { installations, type Place } from './installations.ts'
import { rememberingLately } from './lately.ts'
import { listPulls } from './list-pulls.ts'
import { listRepositories, type RepositoryList } from './list-repositories.ts'
import { readPull } from './read-pull.ts'
import { reportCheckRun } from './report-check-run.ts'
import { reportDeployment } from './report-deployment.ts'
import { settle } from './settle.ts'
import { tarball } from './tarball.ts'
import { told } from './told.ts'

export interface GitHubOptions {
  /** `https://api.github.com`, or `https://<host>/api/v3` of an Enterprise Server. */
  readonly apiUrl: string
  readonly appId: number
  /** PEM, PKCS#1 or PKCS#8 */
  readonly privateKey: string
  /** The label that asks for a preview. */
  readonly label: string
  /** Per installation. */
  readonly writesPerMinute: number
  readonly log: Log
  /** How this instance calls itself to GitHub. */
  readonly instanceName?: string
  /** What is kept of GitHub's answers, so that they are asked for only when they changed. */
  readonly etagCacheBytes?: number
  /** A GET or PATCH that failed with 5xx is tried again after this, then once more after four times this. */
  readonly retryBaseMs?: number
  /** How long an answer of the API may take to come in whole. */
  readonly answerTimeoutMs?: number
}

export interface GitHub {
  readonly pulls: Pulls
  readonly archives: Archives & ArchiveGrants
  readonly changes: Changes
  /** See `listRepositories`. */
  repositories(signal: AbortSignal): Promise<RepositoryList>
  /** See `gitCredentials`. @throws {Terminal} (operator) the URL is not one of this GitHub's */
  gitCredentials(gitUrl: string): (refused?: string) => Promise<GitCredentials>
  /** See `commitOnBranch`. @throws {Terminal} (operator) the URL is not one of this GitHub's */
  commitOnBranch(gitUrl: string, branch: string): WriteCommit
  /** See `botName`. */
  botName(signal: AbortSignal): Promise<string>
  /** See `checkAccess`: for the start, where a wrong key should be said at once. */
  checkAccess(gitops: 'by app' | 'by token', signal: AbortSignal): Promise<Access>
}

const ETAG_CACHE_BYTES = 64_000_000
const RETRY_BASE_MS = 300
const ANSWER_TIMEOUT_MS = 30_000

/**
 * GitHub as one App sees it, over REST. Nothing is asked before a method is called.
 * @throws {Terminal} (operator) the private key is none
 */
export function connectGitHub(options: GitHubOptions): GitHub {
  const { apiUrl, appId, label } = options
  const now = () => Date.now()
  const userAgent = options.instanceName === undefined ? 'WeStage' : `WeStage/${options.instanceName}`
  const client = githubClient({
    apiUrl,
    appId,
    privateKey: pkcs8(options.privateKey),
    userAgent,
    writesPerMinute: options.writesPerMinute,
    etagCacheBytes: options.etagCacheBytes ?? ETAG_CACHE_BYTES,
    retryBaseMs: options.retryBaseMs ?? RETRY_BASE_MS,
    answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    log: options.log,
    now,
  })
  const repos = installations(client)
  const lately = rememberingLately()
  const as = (place: Place, signal: AbortSignal) => client.as(place.installationId, signal)

  return {
    pulls: {
      read: (key, signal) => readPull(client, repos, label, key, signal),
      told: (key, pull, environment, signal) =>
        repos.within(key.repositoryId, signal, (place) =>
          told(client, place, { appId, label }, key, pull, environment, lately, signal),
        ),
      report: (pull, report, signal) =>
        repos.within(pull.repository.id, signal, async (place) => {
          const api = as(place, signal)
          const { deployment } = report
          const deploy = async () => {
            if (deployment === null) return
            await reportDeployment(api, place, pull.head, deployment, lately)
          }
          const isEnd = deployment?.state === 'inactive'
          if (!isEnd) await deploy()
          await reportCheckRun(api, place, appId, pull.head, report, lately)
          if (isEnd) await deploy()
        }),
      settle: (pull, closing, which, signal) =>
        repos.within(pull.repository.id, signal, (place) =>
          settle(as(place, signal), place, appId, pull, closing, which, lately),
        ),
      list: (sinceMs, signal) => listPulls(client, repos, label, sinceMs, signal, now()),
    },
    archives: {
      tarball: (repositoryId, sha, signal) => tarball(client, repos, repositoryId, sha, userAgent, signal),
      revoke: (grant, signal) => revokeGrant(grant, apiUrl, signal),
      grant: (repositoryId, sha, signal) => archiveGrant(client, repos, apiUrl, repositoryId, sha, userAgent, signal),
    },
    changes: { paths: changedPaths(client, repos), file: fileAt(client, repos) },
    repositories: (signal) => listRepositories(repos, signal),
    gitCredentials: (gitUrl) => gitCredentials(client, apiUrl, gitUrl, now),
    commitOnBranch: (gitUrl, branch) => commitOnBranch(client, apiUrl, gitUrl, branch),
    botName: (signal) => botName(client, signal),
    checkAccess: (gitops, signal) => checkAccess(client, appId, gitops, signal),
  }
}

/** GitHub hands keys out as PKCS#1; Web Crypto, which signs the tokens, takes PKCS#8. */
function pkcs8(pem: string): string {
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (cause) {
    throw new Terminal('The private key of the GitHub App is not one that can be read.', { whose: 'operator', cause })
  }
}
