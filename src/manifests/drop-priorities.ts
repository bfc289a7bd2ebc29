import { type JsonObject, textOf, without } from './json.ts'
import { groupKindOf } from './manifest.ts'
import { mapPodSpecs } from './pod-templates.ts'
import type { Transform } from './transform.ts'

/** Kubernetes: Pod Priority and Preemption. The numbers are what a server makes of the name. */
const FIELDS = ['priorityClassName', 'priority', 'preemptionPolicy']

/**
 * Takes priorities off pods: the scheduler ends pods of less priority, such as the sibling's, to make room. A class that
 * is among the app's own objects stays, and one of the system's, which is the policy's to refuse.
 */
export const dropPriorities: Transform = (manifests, { podTemplates }) => {
  const own = new Set(
    manifests
      .filter((manifest) => groupKindOf(manifest) === 'PriorityClass.scheduling.k8s.io')
      .map(({ metadata }) => metadata.name),
  )
  const plain = (spec: JsonObject): JsonObject => {
    const name = textOf(spec.priorityClassName)
    return own.has(name) || name.startsWith('system-') ? spec : without(spec, FIELDS)
  }
  return manifests.map((manifest) => mapPodSpecs(manifest, plain, podTemplates))
}
