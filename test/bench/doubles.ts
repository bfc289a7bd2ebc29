/** The servers that one side of a comparison works with: GitHub's double, a git server, the stand-in for Argo CD. */
import { watch } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SAMPLE } from '../loop/sample.ts'
import { type ArgoCdStandIn, startArgoCdStandIn } from '../servers/argocd-standin/start-argocd-standin.ts'
import { filesOf, type GitServer, startGitServer } from '../servers/git-server.ts'
import { type GitHub, startGitHub } from '../servers/github/github.ts'

export interface Doubles {
  readonly github: GitHub
  readonly git: GitServer
  readonly argocd: ArgoCdStandIn
  readonly gitCredentials: { readonly username: string; readonly password: string }
  /** A folder for whoever works with them, gone with them. */
  readonly dir: string
  close(): Promise<void>
}

export const REPOSITORY = 'acme/shop'
/** No hour's limit is to decide a race; how many requests were made is told beside the figures. */
const REQUESTS_PER_HOUR = 1_000_000
/** Small and alike for both sides: how fast Argo CD is, is not what is measured. */
const DELAYS = { compareMs: 10, syncMs: 10, startMs: 10, removeMs: 10 }
/** The stand-in is told of every push, as by a git host's webhook; its own poll only has to be there. */
const POLL_MS = 5_000

/** Starts them with the sample app in REPOSITORY and an empty GitOps repo. */
export async function startDoubles(): Promise<Doubles> {
  const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
  const gitCredentials = { username: 'westage', password: 'gitops-token' }
  const git = await startGitServer({
    repositories: { gitops: { files: await filesOf('gitops-template') } },
    credentials: gitCredentials,
  })
  const github = await startGitHub({ requestsPerHour: REQUESTS_PER_HOUR })
  github.addRepository(REPOSITORY, SAMPLE)
  const argocd = await startArgoCdStandIn({
    gitUrl: git.url('gitops'),
    branch: 'main',
    instance: 'westage',
    credentials: gitCredentials,
    pollMs: POLL_MS,
    delays: DELAYS,
  })
  const pushes = onPush(join(git.dir('gitops'), 'refs', 'heads'), () => argocd.refresh())
  return {
    github,
    git,
    argocd,
    gitCredentials,
    dir,
    async close() {
      await pushes.close()
      await Promise.all([argocd.close(), git.close(), github.close()])
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Calls `tell` after a push; pushes that come while it is under way share the next call. */
function onPush(heads: string, tell: () => Promise<void>): { close(): Promise<void> } {
  let isMissed = false
  let telling: Promise<void> | null = null
  const told = async () => {
    do {
      isMissed = false
      await tell()
    } while (isMissed)
    telling = null
  }
  const watcher = watch(heads, (_, file) => {
    if (file !== 'main') return
    isMissed = true
    telling ??= told()
  })
  return {
    async close() {
      watcher.close()
      await telling
    },
  }
}
