import { randomUUID } from 'node:crypto'
import { conditionsWith, now, operationState, resourcesOf, syncResults, withStatus } from './application-status.ts'
import type { ApplicationObject, ApplicationStore } from './application-store.ts'
import type { Rendered } from './application-template.ts'
import { illnessOf, isWorkload, type Manifest, readManifests, refusalOf } from './manifests.ts'

/** Milliseconds between the stages of a sync. */
export interface Delays {
  readonly compareMs: number
  readonly syncMs: number
  readonly startMs: number
  readonly removeMs: number
}

/** What one folder holds at a tip of the branch. */
export interface Desired {
  readonly revision: string
  readonly rendered: Rendered
  /** File name below `manifests/` -> text. */
  readonly files: ReadonlyMap<string, string>
  /** The same for the same files. */
  readonly hash: string
}

/** Moves one Application through Argo CD's states, to the newest of what was desired, one sync at a time. */
export class ApplicationController {
  readonly #name: string
  readonly #store: ApplicationStore
  readonly #argocdNamespace: string
  readonly #delays: Delays
  /** Waits, also while the stand-in is paused; false where it was closed meanwhile. */
  readonly #wait: (ms: number) => Promise<boolean>
  #desired: Desired | 'removed' | null = null
  #isBusy = false
  #live: { readonly hash: string; readonly manifests: readonly Manifest[] } | null = null
  #serving: readonly Manifest[] | null = null

  constructor(options: {
    name: string
    store: ApplicationStore
    argocdNamespace: string
    delays: Delays
    wait: (ms: number) => Promise<boolean>
  }) {
    this.#name = options.name
    this.#store = options.store
    this.#argocdNamespace = options.argocdNamespace
    this.#delays = options.delays
    this.#wait = options.wait
  }

  /** What was applied last, whether or not it is healthy; what has been healthy answers requests. */
  get live(): readonly Manifest[] {
    return this.#live?.manifests ?? []
  }

  /** What answers requests, as after a rolling update: the newest that became healthy; null where none has yet. */
  get serving(): readonly Manifest[] | null {
    return this.#serving
  }

  get isGone(): boolean {
    return this.#desired === 'removed' && !this.#isBusy
  }

  aim(desired: Desired | 'removed'): void {
    // The ApplicationSet leaves an Application that is being deleted alone, and makes it anew when it is gone.
    if (this.#desired === 'removed') return
    if (desired !== 'removed' && desired.revision === this.#desired?.revision) return
    this.#desired = desired
    if (!this.#isBusy) void this.#work()
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    try {
      let done: Desired | 'removed' | null = null
      while (this.#desired !== null && this.#desired !== done) {
        const next: Desired | 'removed' = this.#desired
        const isOpen = next === 'removed' ? await this.#remove() : await this.#reconcile(next)
        if (!isOpen) return
        done = next
      }
    } finally {
      this.#isBusy = false
    }
  }

  async #reconcile({ revision, rendered, files, hash }: Desired): Promise<boolean> {
    this.#put(this.#applicationOf(rendered))
    if (!(await this.#wait(this.#delays.compareMs))) return false
    const comparedTo = { source: rendered.spec.source, destination: rendered.spec.destination }
    const manifests = this.#manifestsOf(files, rendered)
    if (typeof manifests === 'string') {
      this.#change((application) => ({
        sync: { status: 'Unknown', revision: '', comparedTo },
        health: { status: this.#live === null ? 'Healthy' : this.#healthStatus() },
        conditions: conditionsWith(application, 'ComparisonError', manifests),
        reconciledAt: now(),
      }))
      return true
    }
    if (this.#live?.hash === hash) {
      const sync = { status: 'Synced', revision, comparedTo }
      this.#change(() => ({ sync, conditions: undefined, reconciledAt: now() }))
      return true
    }
    const outOfSync = { status: 'OutOfSync', revision, comparedTo }
    this.#change(() => ({
      sync: outOfSync,
      ...(this.#live === null && { health: { status: 'Missing', lastTransitionTime: now() } }),
      conditions: undefined,
      reconciledAt: now(),
    }))
    return this.#sync({ revision, rendered, files, hash }, manifests, comparedTo)
  }

  async #sync({ revision, rendered, hash }: Desired, manifests: readonly Manifest[], comparedTo: object) {
    const { namespace } = rendered
    if (!(await this.#wait(this.#delays.compareMs))) return false
    const startedAt = now()
    const application = this.#store.get(this.#name)
    if (application === null) return false
    this.#put({ ...application, operation: { sync: { revision }, initiatedBy: { automated: true } } })
    const running = { phase: 'Running', message: 'waiting for completion of the sync', results: [] } as const
    this.#change(() => ({ operationState: operationState(revision, startedAt, running) }), 'operating')
    if (!(await this.#wait(this.#delays.syncMs))) return false

    const results = syncResults(manifests, namespace)
    const refused = manifests.filter((manifest) => refusalOf(manifest, namespace) !== '')
    if (refused.length > 0) {
      const why = [...new Set(refused.map((manifest) => refusalOf(manifest, namespace)))].join('; ')
      const message = `one or more synchronization tasks are not valid (stand-in): ${why}`
      this.#change((before) => ({
        operationState: operationState(revision, startedAt, { phase: 'Failed', message, results }),
        conditions: conditionsWith(before, 'SyncError', `Failed last sync attempt to [${revision}]: ${message}`),
        reconciledAt: now(),
      }))
      return true
    }
    this.#live = { hash, manifests }
    const message = 'successfully synced (all tasks run)'
    this.#change(() => ({
      operationState: operationState(revision, startedAt, { phase: 'Succeeded', message, results }),
    }))
    const hasPods = manifests.some(isWorkload)
    this.#change(() => ({
      sync: { status: 'Synced', revision, comparedTo },
      health: { status: hasPods ? 'Progressing' : 'Healthy', lastTransitionTime: now() },
      resources: resourcesOf(manifests, namespace, 'starting'),
      reconciledAt: now(),
    }))
    if (hasPods && !(await this.#wait(this.#delays.startMs))) return false
    if (manifests.every((manifest) => illnessOf(manifest) === '')) this.#serving = manifests
    this.#change(() => ({
      health: { status: this.#healthStatus(), lastTransitionTime: now() },
      resources: resourcesOf(manifests, namespace, 'settled'),
      reconciledAt: now(),
    }))
    return true
  }

  async #remove(): Promise<boolean> {
    const application = this.#store.get(this.#name)
    if (application !== null) {
      this.#put({ ...application, metadata: { ...application.metadata, deletionTimestamp: now() } })
    }
    this.#serving = null
    this.#live = null
    if (!(await this.#wait(this.#delays.removeMs))) return false
    this.#store.remove(this.#name)
    return true
  }

  #manifestsOf(files: ReadonlyMap<string, string>, rendered: Rendered): readonly Manifest[] | string {
    try {
      return readManifests(files, `${rendered.folder}/manifests`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${why}`
    }
  }

  #healthStatus(): string {
    return (this.#live?.manifests ?? []).some((manifest) => illnessOf(manifest) !== '') ? 'Degraded' : 'Healthy'
  }

  #applicationOf({ metadata, spec }: Rendered): ApplicationObject {
    const before = this.#store.get(this.#name)
    return {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      ...before,
      metadata: {
        namespace: this.#argocdNamespace,
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata.creationTimestamp ?? now(),
        ...metadata,
      },
      spec,
    }
  }

  #change(
    changes: (application: ApplicationObject) => Readonly<Record<string, unknown>>,
    operation: 'operating' | 'idle' = 'idle',
  ): void {
    const application = this.#store.get(this.#name)
    if (application === null) return
    const { operation: requested, ...rest } = withStatus(application, changes(application))
    this.#put(operation === 'idle' || requested === undefined ? rest : { ...rest, operation: requested })
  }

  #put(application: ApplicationObject): void {
    this.#store.put(application)
  }
}
