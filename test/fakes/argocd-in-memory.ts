import type { Application } from '../../src/domain/application.ts'
import type { Applications, Clock } from '../../src/ports.ts'
import type { BranchInMemory } from './preview-branch.ts'

/** Argo CD with its cluster: follows the branch after a while, one stage after the other. */
export interface ArgoCdInMemory extends Applications {
  onChange(then: (folder: string) => void): void
  /** Revisions (by SHA of the pull request) whose pods crash. */
  readonly crashing: Set<string>
  /** The pods of a folder recover by themselves. */
  recover(folder: string): void
}

const POLL_MS = 400
const STAGE_MS = 300

export function argoCdInMemory(branch: BranchInMemory, clock: Clock): ArgoCdInMemory {
  const apps = new Map<string, Application>()
  const crashing = new Set<string>()
  let changed: (folder: string) => void = () => {}
  const put = (folder: string, change: Partial<Application>) => {
    const app = apps.get(folder)
    if (app === undefined) return
    apps.set(folder, { ...app, ...change })
    changed(folder)
  }
  const look = () => {
    const revision = branch.tipId()
    for (const folder of apps.keys()) {
      if (branch.tip().has(folder) || apps.get(folder)?.isDeleting === true) continue
      put(folder, { isDeleting: true })
      clock.after(STAGE_MS, () => {
        apps.delete(folder)
        changed(folder)
        look()
      })
    }
    for (const folder of branch.tip().keys()) {
      if (apps.get(folder)?.isDeleting === true) continue
      if (!apps.has(folder)) apps.set(folder, fresh(folder))
      if (apps.get(folder)?.sync.revision === revision) continue
      sync(folder, revision)
    }
  }
  function sync(folder: string, revision: string): void {
    put(folder, { sync: { status: 'OutOfSync', revision }, isOperating: true })
    clock.after(STAGE_MS, () => {
      if (apps.get(folder)?.sync.revision !== revision) return
      const at = clock.now()
      const operation = { phase: 'Succeeded', message: '', revision, finishedAtMs: at, results: [] }
      put(folder, {
        sync: { status: 'Synced', revision },
        isOperating: false,
        operation,
        reconciledAtMs: at,
        health: { status: 'Progressing', message: '' },
      })
      clock.after(STAGE_MS, () => {
        if (apps.get(folder)?.sync.revision !== revision) return
        const yaml = branch.tip().get(folder)?.get('preview.yaml') ?? ''
        const isCrashing = [...crashing].some((sha) => yaml.includes(sha))
        put(folder, {
          health: isCrashing ? { status: 'Degraded', message: 'crash' } : { status: 'Healthy', message: '' },
          unhealthy: isCrashing ? [{ object: 'Deployment/web', status: 'Degraded', message: 'CrashLoopBackOff' }] : [],
        })
      })
    })
  }
  branch.onPush(() => clock.after(POLL_MS, look))
  return {
    crashing,
    recover: (folder) => put(folder, { health: { status: 'Healthy', message: '' }, unhealthy: [] }),
    onChange(then) {
      changed = then
    },
    of: (folder) => apps.get(folder) ?? null,
    all: () => [...apps.values()],
  }
}

const fresh = (folder: string): Application => ({
  name: folder.replaceAll('/', '-'),
  folder,
  isDeleting: false,
  sync: { status: 'Unknown', revision: '' },
  health: { status: 'Missing', message: '' },
  isOperating: false,
  operation: null,
  reconciledAtMs: null,
  conditions: [],
  unhealthy: [],
})
