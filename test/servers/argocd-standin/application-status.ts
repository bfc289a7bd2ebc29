import type { ApplicationObject } from './application-store.ts'
import { illnessOf, isWorkload, type Manifest, refusalOf } from './manifests.ts'

type Fields = Readonly<Record<string, unknown>>

/** Kubernetes: metav1.Time has whole seconds. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z')

/** The status with `changes` put over it; an undefined field goes. */
export const withStatus = (application: ApplicationObject, changes: Fields): ApplicationObject => ({
  ...application,
  status: { ...application.status, ...changes },
})

/** Sets a condition, keeping the time of one that says the same already, as Argo CD does. */
export function conditionsWith(application: ApplicationObject, type: string, message: string): readonly Fields[] {
  const conditions = (application.status?.conditions ?? []) as readonly Fields[]
  const same = conditions.find((condition) => condition.type === type && condition.message === message)
  return [same ?? { type, message, lastTransitionTime: now() }]
}

const reference = ({ apiVersion, kind, metadata }: Manifest, namespace: string) => {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return {
    ...(group !== '' && { group }),
    version,
    kind,
    ...(kind !== 'Namespace' && { namespace: metadata.namespace || namespace }),
    name: metadata.name,
  }
}

/** `status.operationState` of a sync at a moment; `results` once it is over. */
export function operationState(
  revision: string,
  startedAt: string,
  outcome: { phase: 'Running' | 'Succeeded' | 'Failed'; message: string; results: readonly Fields[] },
): Fields {
  const { phase, message, results } = outcome
  return {
    operation: { sync: { revision, prune: true }, initiatedBy: { automated: true }, retry: { limit: 2 } },
    phase,
    message,
    startedAt,
    ...(phase !== 'Running' && { finishedAt: now() }),
    syncResult: { revision, resources: results },
  }
}

/** What a sync says of each object: all of them taken, or the refused ones and why. */
export function syncResults(manifests: readonly Manifest[], namespace: string): readonly Fields[] {
  const refused = manifests.filter((manifest) => refusalOf(manifest, namespace) !== '')
  return (refused.length > 0 ? refused : manifests).map((manifest) => ({
    ...reference(manifest, namespace),
    status: refused.length > 0 ? 'SyncFailed' : 'Synced',
    message: refusalOf(manifest, namespace) || `${manifest.kind.toLowerCase()}/${manifest.metadata.name} created`,
    hookPhase: refused.length > 0 ? 'Failed' : 'Succeeded',
    syncPhase: 'Sync',
  }))
}

/** `status.resources`, as with `controller.resource.health.persist: "true"`. */
export function resourcesOf(manifests: readonly Manifest[], namespace: string, stage: 'starting' | 'settled') {
  return manifests.map((manifest) => ({
    ...reference(manifest, namespace),
    status: 'Synced',
    ...(isWorkload(manifest) && { health: healthOf(manifest, stage) }),
  }))
}

function healthOf(manifest: Manifest, stage: 'starting' | 'settled'): Fields {
  if (stage === 'starting') return { status: 'Progressing', message: 'Waiting for rollout to finish (stand-in)' }
  const illness = illnessOf(manifest)
  return illness === '' ? { status: 'Healthy' } : { status: 'Degraded', message: illness }
}
