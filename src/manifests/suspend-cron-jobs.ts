import { Terminal } from '../domain/errors.ts'
import { isObject } from './json.ts'
import { changeField, groupKindOf } from './manifest.ts'
import type { Transform } from './transform.ts'

/** Kubernetes: CronJob; Argo Workflows: CronWorkflow. Both are left out of their schedule by `spec.suspend`. */
const KINDS = ['CronJob.batch', 'CronWorkflow.argoproj.io']

/**
 * Suspends every CronJob but those that were asked for by name, which run even where the manifests suspend them: a
 * nightly export must not be sent once by each preview. Where all were asked for, each stays as it is.
 * @throws {Terminal} a name that no CronJob has, listing those there are
 */
export const suspendCronJobs: Transform = (manifests, { app, cronJobs }) => {
  if (cronJobs === 'all') return manifests
  const names = manifests
    .filter((manifest) => KINDS.includes(groupKindOf(manifest)))
    .map(({ metadata }) => metadata.name)
  const unknown = cronJobs.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    const found = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
    throw new Terminal(`cronJobs of ${app} asks for ${unknown.join(', ')}, which the manifests don't have: ${found}`)
  }
  return manifests.map((manifest) => {
    if (!KINDS.includes(groupKindOf(manifest))) return manifest
    const suspend = !cronJobs.includes(manifest.metadata.name)
    return changeField(manifest, ['spec'], (spec) =>
      isObject(spec) && (spec.suspend ?? false) !== suspend ? { ...spec, suspend } : spec,
    )
  })
}
