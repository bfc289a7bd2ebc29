/** The pod templates of an object with the places where they stand. */
import { isObject, type Json, type JsonObject, jsonTextOf, objectOf } from '../manifests/json.ts'
import type { Manifest } from '../manifests/manifest.ts'
import { CONTAINER_LISTS, type PodTemplates, podTemplatePathsOf } from '../manifests/pod-templates.ts'
import { below, type Located, locate } from './locate.ts'

export interface Pod {
  /** Where its metadata and spec are: `spec.template`, '' for a Pod. */
  readonly field: string
  readonly metadata: JsonObject
  readonly spec: JsonObject
}

export interface Container {
  /** `spec.template.spec.containers[web]` */
  readonly field: string
  readonly container: JsonObject
  readonly pod: Pod
}

/** Every pod template of an object. One that is no object at all has an empty spec; the rule `malformed` finds it. */
export const podsOf = (manifest: Manifest, custom: PodTemplates): readonly Pod[] =>
  podTemplatePathsOf(manifest, custom)
    .flatMap((path) => locate(manifest, path))
    .map(({ field, value }) => ({
      field,
      metadata: objectOf(objectOf(value).metadata),
      spec: objectOf(objectOf(value).spec),
    }))

/** Every container of a pod, of whatever sort. */
export const containersIn = (pod: Pod): readonly Container[] =>
  CONTAINER_LISTS.flatMap((list) => inSpec(pod, [list, '*'])).flatMap(({ field, value }) =>
    isObject(value) ? [{ field, container: value, pod }] : [],
  )

/** Everything at a path of the pod's spec. */
export const inSpec = (pod: Pod, path: readonly string[]): readonly Located[] =>
  locate(pod.spec, path, below(pod.field, 'spec'))

/** Everything at a path of a container. */
export const inContainer = ({ container, field }: Container, path: readonly string[]): readonly Located[] =>
  locate(container, path, field)

/** A field of the security contexts of pods and of their containers (Kubernetes: SecurityContext and PodSecurityContext). */
export const inSecurityContexts = (
  { pods, containers }: { readonly pods: readonly Pod[]; readonly containers: readonly Container[] },
  path: readonly string[],
): readonly Located[] => [
  ...pods.flatMap((pod) => inSpec(pod, ['securityContext', ...path])),
  ...containers.flatMap((container) => inContainer(container, ['securityContext', ...path])),
]

/** A value for a message: short, on one line. */
export function shown(value: Json): string {
  const text = jsonTextOf(value)
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`
}

/** Pods for Windows, of which some fields are not asked (Kubernetes: Pod Security Standards, OS-specific controls). */
export const isWindows = ({ spec }: Pod): boolean => objectOf(spec.os).name === 'windows'
