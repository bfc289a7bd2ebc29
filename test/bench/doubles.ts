/** The servers that one side of a comparison works with: GitHub's double, a git server, the stand-in for Argo CD. */
import { watch } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SAMPLE } from '../loop/sample.ts'
import { type ArgoCdStandIn, startArgoCdStandIn } from '../servers/argocd-standin/start-argocd-standin.ts'
import { filesOf, type GitServer, startGitServer } from '../servers/git-server.ts'
import { type GitHub, startGitHub } from '../servers/github/github.ts'
import type { ArgoCdSide, GitOpsAccess } from '../servers/instance.ts'

export interface Doubles<Side extends ArgoCdSide = ArgoCdStandIn> {
  readonly github: GitHub
  readonly git: GitServer
  readonly argocd: Side
  readonly gitCredentials: { readonly username: string; readonly password: string }
  /** A folder for whoever works with them, gone with them. */
  readonly dir: string
  close(): Promise<void>
}

export const REPOSITORY = 'acme/shop'
/** No hour's limit is to decide a race; how many requests were made is told beside the figures. */
export const REQUESTS_PER_HOUR = 1_000_000
/** Small and alike for both sides: how fast Argo CD is, is not what is measured. */
const DELAYS = { compareMs: 10, syncMs: 10, startMs: 10, removeMs: 10 }
/** The stand-in is told of every push, as by a git host's webhook; its own poll only has to be there. */
const POLL_MS = 5_000

/** Starts them with the sample app in REPOSITORY and an empty GitOps repo. */
export const startDoubles = (): Promise<Doubles> =>
  startDoublesOn(SAMPLE, async (gitops, git) => {
    const argocd = await startArgoCdStandIn({ ...gitops, pollMs: POLL_MS, delays: DELAYS })
    const pushes = onPush(join(git.dir('gitops'), 'refs', 'heads'), () => argocd.refresh())
    return {
      ...argocd,
      async close() {
        await pushes.close()
        await argocd.close()
      },
    }
  })

/**
 * The same with another Argo CD.
 * @param files of REPOSITORY, on its default branch
 */
export async function startDoublesOn<Side extends ArgoCdSide>(
  files: Parameters<GitHub['addRepository']>[1],
  startSide: (gitops: GitOpsAccess, git: GitServer) => Promise<Side>,
): Promise<Doubles<Side>> {
  const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
  const credentials = { username: 'westage', password: 'gitops-token' }
  const git = await startGitServer({
    repositories: { gitops: { files: await filesOf('gitops-template') } },
    credentials,
  })
  const github = await startGitHub({ requestsPerHour: REQUESTS_PER_HOUR })
  github.addRepository(REPOSITORY, files)
  const argocd = await startSide({ gitUrl: git.url('gitops'), branch: 'main', instance: 'westage', credentials }, git)
  return {
    github,
    git,
    argocd,
    gitCredentials: credentials,
    dir,
    async close() {
      await Promise.all([argocd.close(), git.close(), github.close()])
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** What was started on them, or nothing of them is left. */
export async function closingOnFailure<T>(doubles: { close(): Promise<void> }, started: Promise<T>): Promise<T> {
  try {
    return await started
  } catch (error) {
    await doubles.close()
    throw error
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
