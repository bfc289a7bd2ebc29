/** A Kubernetes object as WeStage holds it between kustomize and the GitOps repo. */
import { changeAt, isObject, type Json, type JsonObject, listOf, objectOf, pathOf, textOf, valuesAt } from './json.ts'

interface Metadata extends JsonObject {
  readonly name: string
}

export interface Manifest extends JsonObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

/** `Kind/name`, as messages call an object. */
export const objectName = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`

/** The API group, '' for the core one. */
export const groupOf = ({ apiVersion }: Manifest): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

/** `Kind.group`, and the bare kind in the core group: `Deployment.apps`, `Pod`. */
export const groupKindOf = (manifest: Manifest): string => {
  const group = groupOf(manifest)
  return group === '' ? manifest.kind : `${manifest.kind}.${group}`
}

/** The namespace that the object asks for, '' where it asks for none. */
export const namespaceIn = ({ metadata }: Manifest): string => textOf(metadata.namespace)

/** The object's annotations. */
export const annotationsOf = ({ metadata }: Manifest): JsonObject => objectOf(metadata.annotations)

/** The object with other annotations; none at all where `annotations` is empty and it had none. */
export function withAnnotations(manifest: Manifest, annotations: JsonObject): Manifest {
  if (Object.keys(annotations).length === 0 && manifest.metadata.annotations === undefined) return manifest
  return { ...manifest, metadata: { ...manifest.metadata, annotations } }
}

/** A manifest in which what stands at `path` was changed; `path` starts at a top-level field other than metadata. */
export function changeField(manifest: Manifest, path: readonly string[], change: (found: Json) => Json): Manifest {
  const [field = '', ...rest] = path
  const value = manifest[field]
  return value === undefined ? manifest : { ...manifest, [field]: changeAt(value, rest, change) }
}

/**
 * Where each kind holds its pod template: Kubernetes API reference, Workload resources; Argo Rollouts, Rollout
 * specification; OpenShift, DeploymentConfig; Knative, Serving API; KEDA, ScaledJob. A Pod is its own template.
 */
const POD_TEMPLATES = new Map<string, readonly string[]>([
  ...[
    'Deployment.apps',
    'Deployment.extensions',
    'StatefulSet.apps',
    'DaemonSet.apps',
    'DaemonSet.extensions',
    'ReplicaSet.apps',
    'ReplicaSet.extensions',
    'ReplicationController',
    'Job.batch',
    'Rollout.argoproj.io',
    'DeploymentConfig.apps.openshift.io',
    'Service.serving.knative.dev',
    'Configuration.serving.knative.dev',
  ].map((kind): [string, readonly string[]] => [kind, pathOf('spec.template')]),
  ['CronJob.batch', pathOf('spec.jobTemplate.spec.template')],
  ['ScaledJob.keda.sh', pathOf('spec.jobTargetRef.template')],
  ['PodTemplate', ['template']],
])

const NONE: PodTemplates = new Map()

const CONTAINER_LISTS = ['initContainers', 'containers']

/** Custom kinds with a pod template, `Kind.group` -> where it stands. */
export type PodTemplates = ReadonlyMap<string, readonly string[]>

/**
 * A manifest whose pod template was changed: for a Pod the object itself, for kinds without one nothing.
 * @param custom what holds a pod template beside the kinds that are known here
 */
export function mapPodTemplates(
  manifest: Manifest,
  change: (template: JsonObject) => JsonObject,
  custom: PodTemplates = NONE,
): Manifest {
  if (groupKindOf(manifest) === 'Pod') {
    const { metadata, spec } = change({ metadata: manifest.metadata, spec: objectOf(manifest.spec) })
    return {
      ...manifest,
      metadata: { ...objectOf(metadata), name: manifest.metadata.name },
      ...(spec === undefined ? {} : { spec }),
    }
  }
  const path = custom.get(groupKindOf(manifest)) ?? POD_TEMPLATES.get(groupKindOf(manifest))
  return path === undefined
    ? manifest
    : changeField(manifest, path, (template) => (isObject(template) ? change(template) : template))
}

/** A manifest in which every container and initContainer of its pod template was changed. */
export function mapContainers(
  manifest: Manifest,
  change: (container: JsonObject) => JsonObject,
  custom: PodTemplates = NONE,
): Manifest {
  const changed = (container: Json) => (isObject(container) ? change(container) : container)
  return mapPodTemplates(
    manifest,
    (template) =>
      isObject(template.spec)
        ? {
            ...template,
            spec: CONTAINER_LISTS.reduce((spec: Json, list) => changeAt(spec, [list, '*'], changed), template.spec),
          }
        : template,
    custom,
  )
}

/** The spec of the manifest's pod template, null where it has none. */
export function podSpecOf(manifest: Manifest, custom: PodTemplates = NONE): JsonObject | null {
  const kind = groupKindOf(manifest)
  const path = kind === 'Pod' ? [] : (custom.get(kind) ?? POD_TEMPLATES.get(kind))
  if (path === undefined) return null
  const [spec] = valuesAt(manifest, [...path, 'spec'])
  return isObject(spec) ? spec : null
}

/** Every container and initContainer of the manifest's pod template. */
export const containersOf = (manifest: Manifest, custom: PodTemplates = NONE): readonly JsonObject[] =>
  CONTAINER_LISTS.flatMap((list) => listOf(podSpecOf(manifest, custom)?.[list]).filter(isObject))
