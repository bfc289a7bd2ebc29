/** GitHub, a GitOps repo and Argo CD in memory, and a WeStage process that can be killed and started again. */
import { NotReady, Terminal } from '../../src/domain/errors.ts'
import type { PreviewKey } from '../../src/domain/key.ts'
import type { PreviewView } from '../../src/domain/preview-view.ts'
import { board } from '../../src/reconcile/board.ts'
import { gitopsChanges } from '../../src/reconcile/gitops-changes.ts'
import { nudges } from '../../src/reconcile/nudges.ts'
import { type ReconcilePorts, reconciler } from '../../src/reconcile/reconcile.ts'
import { resync } from '../../src/reconcile/resync.ts'
import type { Settings } from '../../src/reconcile/settings.ts'
import type { AppChoices } from '../../src/settings/app-file-schema.ts'
import { type Loop, startLoop } from '../../src/worker/loop.ts'
import { NO_GUARDS, NOTHING_CHOSEN, POLICY } from '../manifests/sample.ts'
import { SHOP } from '../reconcile/shop.ts'
import { type ArgoCdInMemory, argoCdInMemory } from './argocd-in-memory.ts'
import { bundleInMemory } from './bundle-in-memory.ts'
import { type GitHubInMemory, gitHubInMemory } from './github-in-memory.ts'
import { linesInMemory } from './lines-in-memory.ts'
import { type NudgeInMemory, nudgeInMemory } from './nudge-in-memory.ts'
import { type BranchInMemory, branchInMemory } from './preview-branch.ts'
import { type ResourcesInMemory, resourcesInMemory } from './resources-in-memory.ts'
import { type RunsInMemory, runsInMemory } from './runs-in-memory.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

const REPOSITORY = { id: 1, name: 'acme/shop' }
const APP = SHOP.name
const keyOf = (pull: number): PreviewKey => ({ repositoryId: REPOSITORY.id, pull, app: APP })

const SETTINGS: Settings = {
  publicUrl: 'https://westage.test',
  keepRestoredMs: 86_400_000,
  commitUrlOf: (commit) => `https://git.test/gitops/commit/${commit}`,
  deadlineMs: 600_000,
  crashRestarts: 3,
  imagesBy: 'westage',
  maxWaitMs: 1_800_000,
  destination: { name: 'in-cluster', server: '' },
  renderFolders: ['k8s'],
  addons: { allowed: ['redis'], images: {}, waitImage: null },
  policy: POLICY,
  guards: NO_GUARDS,
  seedOf: ({ pull }) => `seed of ${pull}`,
  appOf: (repository, app) => (repository === REPOSITORY.name && app === APP ? SHOP : null),
}

export interface World {
  readonly clock: VirtualClock
  readonly github: GitHubInMemory
  readonly gitops: BranchInMemory
  readonly argocd: ArgoCdInMemory
  readonly nudge: NudgeInMemory
  readonly resources: ResourcesInMemory
  readonly runs: RunsInMemory
  /** Heads whose manifests are broken: their author's fault. */
  readonly broken: Set<string>
  /** Heads whose image CI has not pushed yet. */
  readonly unbuilt: Set<string>
  /** Hosts that do not answer yet. */
  readonly silentHosts: Set<string>
  /** What prepare hands on beside the bundle. */
  notices: readonly string[]
  choices: Partial<AppChoices>
  /** How long prepare takes, and what was prepared so far. */
  prepareMs: number
  readonly prepared: readonly string[]
  /** How many prepares are under way. */
  preparing(): number
  /** A webhook for one pull request. */
  webhook(pull: number): void
  /** The GitOps repo's webhook for a push. */
  pushWebhook(): void
  start(): void
  /** The process is gone with all that it had in memory, after `calls` more calls to the world (0: now). */
  killAfter(calls: number): void
  isAlive(): boolean
  /** Lets time pass until nothing happens any more. */
  settle(): Promise<void>
  views(): readonly PreviewView[]
  readonly logged: readonly string[]
}

/** @param options.isNudged WeStage nudges Argo CD, which looks by itself every 3 minutes only */
export function world({ isNudged = false } = {}): World {
  const clock = virtualClock()
  const github = gitHubInMemory(clock, REPOSITORY, APP)
  const gitops = branchInMemory(clock.now)
  const argocd = argoCdInMemory(gitops, clock)
  if (isNudged) argocd.pollMs = 180_000
  const nudge = nudgeInMemory(argocd, clock)
  const resources = resourcesInMemory()
  const runs = runsInMemory()
  const broken = new Set<string>()
  const unbuilt = new Set<string>()
  const silentHosts = new Set<string>()
  const prepared: string[] = []
  const logged: string[] = []
  let current: { loop: Loop; kill: () => void; views: () => readonly PreviewView[] } | null = null
  let killIn = Number.POSITIVE_INFINITY
  let preparing = 0

  const prepare: (signal: AbortSignal) => ReconcilePorts['prepare'] = () => async (request, step, say, signal) => {
    preparing++
    try {
      await say('preparing')
      return await step('render', async (log) => {
        const { sha } = request.target
        log(`rendering ${sha}`)
        if (unbuilt.has(sha)) throw new NotReady('no image yet', 10_000)
        await sleep(world.prepareMs, clock, signal)
        if (broken.has(sha))
          throw new Terminal('k8s/kustomization.yaml: no such resource hunter2', { details: ['line 3'] })
        prepared.push(sha)
        const bundle = bundleInMemory({ ...request.target, images: [] })
        return { bundle, notices: world.notices, choices: { ...NOTHING_CHOSEN, ...world.choices }, files: new Map() }
      })
    } finally {
      preparing--
    }
  }

  function start(): void {
    const dead = new AbortController()
    const kill = () => {
      dead.abort()
      current = null
      killIn = Number.POSITIVE_INFINITY
    }
    /** Once a process is dead, nothing that it asked for ever comes back to it. */
    const guard = <T extends object>(port: T): T =>
      new Proxy(port, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          return (...given: unknown[]) => {
            if (dead.signal.aborted) return new Promise(() => {})
            const result: unknown = Reflect.apply(value, target, given)
            if (!(result instanceof Promise)) return result
            return result.then(
              (answer: unknown) => gate(() => answer),
              (error: unknown) =>
                gate(() => {
                  throw error
                }),
            )
          }
        },
      })
    const gate = (then: () => unknown) => {
      if (dead.signal.aborted) return new Promise(() => {})
      killIn--
      if (killIn <= 0) {
        kill()
        return new Promise(() => {})
      }
      return then()
    }
    const ownClock = {
      now: clock.now,
      after: (ms: number, then: () => void) => clock.after(ms, () => dead.signal.aborted || then()),
    }
    const shown = board()
    const ports: ReconcilePorts = {
      pulls: guard(github),
      changes: { paths: async () => null, file: async () => null },
      branch: guard(gitops),
      applications: argocd,
      cluster: { kinds: async () => null },
      imagePulls: { needSecret: async () => false },
      nudges: nudges(isNudged ? nudge : null, ownClock),
      resources: guard(resources),
      hosts: guard({
        fault: async (url: string) => (silentHosts.has(new URL(url).hostname) ? `${url} does not answer` : null),
      }),
      runs: guard(runs),
      differences: linesInMemory,
      clock: ownClock,
      tellable: (text) => text.replaceAll('hunter2', '***'),
      prepare: guard({ prepare: prepare(dead.signal) }).prepare,
      log: (level, message) => logged.push(`${level}: ${message}`),
    }
    const core = reconciler(ports, SETTINGS, shown)
    const passes = resync({ ...ports, appsOf: () => [APP], alive: core.alive, isKept: core.isKept })
    const loop = startLoop({
      reconcile: core.reconcile,
      isOutdated: core.isOutdated,
      pass: passes.pass,
      look: gitopsChanges({ branch: ports.branch, known: shown.all, log: ports.log }),
      resyncMs: 300_000,
      concurrency: 8,
      clock: ownClock,
      log: ports.log,
    })
    argocd.onChange((folder) => {
      const key = shown.waitingKeyOf(folder)
      if (key !== null && !dead.signal.aborted) loop.enqueue(key)
    })
    current = { loop, kill, views: shown.all }
  }

  const world: World = {
    clock,
    github,
    gitops,
    argocd,
    nudge,
    resources,
    runs,
    broken,
    unbuilt,
    silentHosts,
    notices: [],
    choices: {},
    prepareMs: 200,
    prepared,
    logged,
    preparing: () => preparing,
    webhook: (pull) => current?.loop.nudge(keyOf(pull)),
    pushWebhook: () => current?.loop.look(),
    start,
    killAfter(calls) {
      if (calls === 0) current?.kill()
      else killIn = calls
    },
    isAlive: () => current !== null,
    async settle() {
      for (let minute = 0; minute < 12; minute++) await clock.advance(60_000)
    },
    views: () => current?.views() ?? [],
  }
  return world
}

/** One with so many labelled pull requests at one head, all of them live. */
export async function worldOf(pulls: number, head: string): Promise<World> {
  const here = world()
  for (let number = 1; number <= pulls; number++) {
    here.github.open(number, head, `branch-${number}`)
    here.github.label(number)
  }
  here.start()
  await here.settle()
  return here
}

const sleep = (ms: number, clock: VirtualClock, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const cancel = clock.after(ms, resolve)
    signal.addEventListener('abort', () => {
      cancel()
      reject(signal.reason)
    })
  })
