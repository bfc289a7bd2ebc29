import type { Application } from '../../src/domain/application.ts'
import type { Applications, Clock } from '../../src/ports.ts'
import type { BranchInMemory } from './preview-branch.ts'

/** Argo CD with its cluster: follows the branch after a while, one stage after the other. */
export interface ArgoCdInMemory extends Applications {
  onChange(then: (folder: string) => void): void
  /** Revisions (by SHA of the pull request) whose pods crash. */
  readonly crashing: Set<string>
  /** Revisions whose pods never get ready, and no controller gives up on them. */
  readonly unready: Set<string>
  /** Argo CD's `controller.resource.health.persist`. */
  keepsHealthOfObjects: boolean
  /** How long after a push it looks by itself. */
  pollMs: number
  /** The ApplicationSet is refreshed: folders that came and went are seen. */
  lookForFolders(): void
  /** An Application is refreshed: it is compared with its folder. */
  compare(folder: string): void
  /** The pods of a folder recover by themselves. */
  recover(folder: string): void
  /** They are not ready any more. */
  ail(folder: string): void
}

const STAGE_MS = 300

export function argoCdInMemory(branch: BranchInMemory, clock: Clock): ArgoCdInMemory {
  const apps = new Map<string, Application>()
  const crashing = new Set<string>()
  const unready = new Set<string>()
  let changed: (folder: string) => void = () => {}
  const put = (folder: string, change: Partial<Application>) => {
    const app = apps.get(folder)
    if (app === undefined) return
    apps.set(folder, { ...app, ...change })
    changed(folder)
  }
  const lookForFolders = () => {
    for (const folder of apps.keys()) {
      if (branch.tip().has(folder) || apps.get(folder)?.isDeleting === true) continue
      put(folder, { isDeleting: true })
      clock.after(STAGE_MS, () => {
        apps.delete(folder)
        changed(folder)
        lookForFolders()
      })
    }
    for (const folder of branch.tip().keys()) {
      if (apps.has(folder)) continue
      apps.set(folder, fresh(folder))
      compare(folder)
    }
  }
  const compare = (folder: string) => {
    const revision = branch.tipId()
    const app = apps.get(folder)
    if (app === undefined || app.isDeleting || !branch.tip().has(folder)) return
    if (app.sync.revision !== revision) sync(folder, revision)
  }
  const look = () => {
    lookForFolders()
    for (const folder of apps.keys()) compare(folder)
  }
  function sync(folder: string, revision: string): void {
    put(folder, { sync: { status: 'OutOfSync', revision }, isOperating: true })
    clock.after(STAGE_MS, () => {
      if (apps.get(folder)?.sync.revision !== revision) return
      const at = clock.now()
      const operation = { phase: 'Succeeded', message: '', revision, startedAtMs: at, finishedAtMs: at, results: [] }
      put(folder, {
        sync: { status: 'Synced', revision },
        isOperating: false,
        operation,
        reconciledAtMs: at,
        health: { status: 'Progressing', message: '', sinceMs: at },
      })
      clock.after(STAGE_MS, () => {
        if (apps.get(folder)?.sync.revision !== revision) return
        const yaml = branch.tip().get(folder)?.get('preview.yaml') ?? ''
        if ([...unready].some((sha) => yaml.includes(sha))) return
        const isCrashing = [...crashing].some((sha) => yaml.includes(sha))
        put(folder, {
          health: { status: isCrashing ? 'Degraded' : 'Healthy', message: '', sinceMs: clock.now() },
          unhealthy:
            isCrashing && argocd.keepsHealthOfObjects
              ? [{ object: 'Deployment/web', status: 'Degraded', message: 'CrashLoopBackOff' }]
              : [],
        })
      })
    })
  }
  const argocd: ArgoCdInMemory = {
    crashing,
    unready,
    keepsHealthOfObjects: true,
    pollMs: 400,
    lookForFolders,
    compare,
    recover: (folder) =>
      put(folder, { health: { status: 'Healthy', message: '', sinceMs: clock.now() }, unhealthy: [] }),
    ail: (folder) => put(folder, { health: { status: 'Progressing', message: '', sinceMs: clock.now() } }),
    onChange(then) {
      changed = then
    },
    of: (folder) => apps.get(folder) ?? null,
    all: () => [...apps.values()],
  }
  branch.onPush(() => clock.after(argocd.pollMs, look))
  return argocd
}

const fresh = (folder: string): Application => ({
  name: folder.replaceAll('/', '-'),
  folder,
  isDeleting: false,
  sync: { status: 'Unknown', revision: '' },
  health: { status: 'Missing', message: '', sinceMs: null },
  isOperating: false,
  operation: null,
  reconciledAtMs: null,
  conditions: [],
  unhealthy: [],
})
