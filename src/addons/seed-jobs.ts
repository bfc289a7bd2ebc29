import { Terminal } from '../domain/errors.ts'
import { annotationsOf, groupKindOf, type Manifest, withAnnotations } from '../manifests/manifest.ts'
import type { PodTemplates } from '../manifests/pod-templates.ts'
import { referencesOf } from '../manifests/references.ts'
import { SYNC_WAVE, waveOf } from '../manifests/sync-wave.ts'
import type { Transform } from '../manifests/transform.ts'

const HOOK = 'argocd.argoproj.io/hook'
const HELM_HOOK = 'helm.sh/hook'

/**
 * Puts the Jobs that fill a database, and of the app's objects those that they can't start without, into a wave of
 * their own: Argo CD goes on to the next when they have succeeded. A Job that is a hook becomes one of that wave.
 * @throws {Terminal} the manifests have no such Job
 */
export const runFirst =
  (jobs: readonly string[], wave: number): Transform =>
  (manifests, { podTemplates }) => {
    if (jobs.length === 0) return manifests
    const found = jobs.map((name) => jobCalled(name, manifests))
    const early = withNeeds(found, manifests, podTemplates)
    return manifests.map((manifest) => {
      if (!early.has(manifest) || (waveOf(manifest) <= wave && !found.includes(manifest))) return manifest
      const { [HOOK]: own, [HELM_HOOK]: helm, ...annotations } = annotationsOf(manifest)
      const hook = own === undefined && helm === undefined ? {} : { [HOOK]: 'Sync' }
      return withAnnotations(manifest, { ...annotations, ...hook, [SYNC_WAVE]: String(wave) })
    })
  }

function jobCalled(name: string, manifests: readonly Manifest[]): Manifest {
  const job = manifests.find((manifest) => groupKindOf(manifest) === 'Job.batch' && manifest.metadata.name === name)
  if (job !== undefined) return job
  const jobs = manifests
    .filter((manifest) => groupKindOf(manifest) === 'Job.batch')
    .map(({ metadata }) => metadata.name)
  throw new Terminal(
    `seed.job names Job/${name}, which the app’s manifests do not have; ` +
      (jobs.length === 0 ? 'they have no Job at all' : `their Jobs are ${jobs.join(', ')}`),
  )
}

/** The manifests, and those that they refer to, and so on. */
function withNeeds(
  manifests: readonly Manifest[],
  all: readonly Manifest[],
  podTemplates: PodTemplates,
): ReadonlySet<Manifest> {
  const needed = new Set(manifests)
  for (const manifest of needed) {
    for (const { kind, name } of referencesOf(manifest, podTemplates)) {
      for (const other of all) if (groupKindOf(other) === kind && other.metadata.name === name) needed.add(other)
    }
  }
  return needed
}
