import { Terminal } from '../domain/errors.ts'
import { isObject, type Json, type JsonObject, objectOf, type Path, pathOf, textOf } from './json.ts'
import { changeField, groupKindOf, type Manifest, objectName } from './manifest.ts'
import { mapPodTemplates } from './pod-templates.ts'
import { REPLICA_PATHS, SCALED_KINDS } from './replicas.ts'
import type { Target } from './target.ts'
import type { Transform } from './transform.ts'

const CUSTOM: readonly Path[] = [pathOf('spec.replicas')]

/**
 * Gives each workload the number of pods that its author asks for, and none more than the instance's cap: replicas,
 * the parallelism of Jobs, the scale of Knative.
 * @throws {Terminal} a number asked for a workload that is not there, listing those that are
 */
export const capReplicas: Transform = (manifests, target) => {
  refuseUnknown(manifests, target)
  return manifests.map((manifest) => capped(withWish(manifest, target), target))
}

const isScaled = (manifest: Manifest, { podTemplates }: Target): boolean =>
  SCALED_KINDS.includes(groupKindOf(manifest)) || podTemplates.has(groupKindOf(manifest))

function refuseUnknown(manifests: readonly Manifest[], target: Target): void {
  const scaled = manifests.filter((manifest) => isScaled(manifest, target))
  const names = new Set(scaled.map(({ metadata }) => metadata.name))
  const unknown = Object.keys(target.size.replicas).filter((name) => !names.has(name))
  if (unknown.length === 0) return
  const found = scaled.length === 0 ? 'there are none with replicas' : `there are ${scaled.map(objectName).join(', ')}`
  throw new Terminal(
    `replicas of ${target.app} asks for ${unknown.join(', ')}, which the manifests don't have: ${found}`,
  )
}

function withWish(manifest: Manifest, target: Target): Manifest {
  const { name } = manifest.metadata
  const wish = Object.hasOwn(target.size.replicas, name) ? target.size.replicas[name] : undefined
  if (wish === undefined || !isScaled(manifest, target)) return manifest
  return changeField(manifest, ['spec'], (spec) =>
    isObject(spec) && spec.replicas !== wish ? { ...spec, replicas: wish } : spec,
  )
}

function capped(manifest: Manifest, { size: { replicasMax }, podTemplates }: Target): Manifest {
  if (replicasMax === null) return manifest
  const kind = groupKindOf(manifest)
  const paths = REPLICA_PATHS.get(kind) ?? (podTemplates.has(kind) ? CUSTOM : [])
  const lowered = (found: Json) =>
    (typeof found === 'number' || typeof found === 'bigint') && found > replicasMax ? replicasMax : found
  const whole = paths.reduce((changed, path) => changeField(changed, path, lowered), manifest)
  return kind.endsWith('.serving.knative.dev')
    ? mapPodTemplates(whole, (template) => withKnativeScale(template, replicasMax))
    : whole
}

/** Knative: Configuring scale bounds. Each has an older spelling; without a maximum there is none, and 0 is none. */
const KNATIVE = 'autoscaling.knative.dev/'
const KNATIVE_MAX = ['max-scale', 'maxScale'].map((name) => KNATIVE + name)
const KNATIVE_LEAST = ['min-scale', 'minScale', 'initial-scale', 'initialScale'].map((name) => KNATIVE + name)

function withKnativeScale(template: JsonObject, max: number): JsonObject {
  const metadata = objectOf(template.metadata)
  const annotations = objectOf(metadata.annotations)
  const isAbove = (name: string) => Number(textOf(annotations[name])) > max
  const isUnbounded = (name: string) => isAbove(name) || Number(textOf(annotations[name])) === 0
  const given = KNATIVE_MAX.filter((name) => annotations[name] !== undefined)
  const changed = [
    ...KNATIVE_LEAST.filter(isAbove),
    ...(given.length === 0 ? KNATIVE_MAX.slice(0, 1) : given.filter(isUnbounded)),
  ]
  if (changed.length === 0) return template
  const lowered = Object.fromEntries(changed.map((name) => [name, String(max)]))
  return { ...template, metadata: { ...metadata, annotations: { ...annotations, ...lowered } } }
}
