/** Where each kind holds its pod templates, and how to look into and change them. */
import {
  changeAt,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  objectOf,
  type Path,
  pathOf,
  valuesAt,
} from './json.ts'
import { changeField, groupKindOf, type Manifest } from './manifest.ts'

/** Custom kinds with a pod template, `Kind.group` -> where it stands. */
export type PodTemplates = ReadonlyMap<string, Path>

/**
 * Kubernetes API reference, Workload resources; Argo Rollouts, Specification, Analysis and Experiments; OpenShift,
 * DeploymentConfig; Knative, Serving and Eventing API; KEDA, ScaledJob; JobSet; LeaderWorkerSet.
 */
const POD_TEMPLATES = new Map<string, readonly Path[]>([
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
    'ContainerSource.sources.knative.dev',
  ].map((kind): [string, readonly Path[]] => [kind, [pathOf('spec.template')]]),
  ...['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'].map((kind): [string, readonly Path[]] => [
    `${kind}.argoproj.io`,
    [pathOf('spec.metrics.*.provider.job.spec.template')],
  ]),
  ['Experiment.argoproj.io', [pathOf('spec.templates.*.template')]],
  ['CronJob.batch', [pathOf('spec.jobTemplate.spec.template')]],
  ['ScaledJob.keda.sh', [pathOf('spec.jobTargetRef.template')]],
  ['JobSet.jobset.x-k8s.io', [pathOf('spec.replicatedJobs.*.template.spec.template')]],
  [
    'LeaderWorkerSet.leaderworkerset.x-k8s.io',
    [pathOf('spec.leaderWorkerTemplate.leaderTemplate'), pathOf('spec.leaderWorkerTemplate.workerTemplate')],
  ],
  ['PodTemplate', [['template']]],
])

/** Kinds that are a pod template themselves: what is in `spec` is what a pod has there. */
const THEMSELVES = ['Pod', 'Revision.serving.knative.dev']

const NONE: PodTemplates = new Map()

/** Kubernetes: Pod v1 core. Sidecars are initContainers that go on; ephemeral ones have an environment, too. */
export const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers']

const NOWHERE: readonly Path[] = []

/** Every transform asks this of every object: the usual answers are lists that are there already. */
function pathsOf(manifest: Manifest, custom: PodTemplates): readonly Path[] {
  const kind = groupKindOf(manifest)
  const [known, own] = [POD_TEMPLATES.get(kind) ?? NOWHERE, custom.get(kind)]
  return own === undefined ? known : [...known, own]
}

/** Where the kind of the manifest holds its pod templates; an empty path where the object is one itself. */
export const podTemplatePathsOf = (manifest: Manifest, custom: PodTemplates = NONE): readonly Path[] => [
  ...(THEMSELVES.includes(groupKindOf(manifest)) ? [[]] : []),
  ...pathsOf(manifest, custom),
]

/**
 * A manifest whose pod templates were changed: for a Pod the object itself, for kinds without one nothing.
 * @param custom what holds a pod template beside the kinds that are known here
 */
export function mapPodTemplates(
  manifest: Manifest,
  change: (template: JsonObject) => JsonObject,
  custom: PodTemplates = NONE,
): Manifest {
  const whole = THEMSELVES.includes(groupKindOf(manifest)) ? withOwnTemplate(manifest, change) : manifest
  return pathsOf(manifest, custom).reduce(
    (changed, path) => changeField(changed, path, (template) => (isObject(template) ? change(template) : template)),
    whole,
  )
}

function withOwnTemplate(manifest: Manifest, change: (template: JsonObject) => JsonObject): Manifest {
  const before = objectOf(manifest.spec)
  const { metadata, spec } = change({ metadata: manifest.metadata, spec: before })
  if (metadata === manifest.metadata && spec === before) return manifest
  return {
    ...manifest,
    metadata: { ...objectOf(metadata), name: manifest.metadata.name },
    ...(spec === undefined ? {} : { spec }),
  }
}

/** A manifest in which the pod specs of its pod templates were changed. */
export const mapPodSpecs = (
  manifest: Manifest,
  change: (spec: JsonObject) => JsonObject,
  custom: PodTemplates = NONE,
): Manifest =>
  mapPodTemplates(
    manifest,
    (template) => {
      if (!isObject(template.spec)) return template
      const spec = change(template.spec)
      return spec === template.spec ? template : { ...template, spec }
    },
    custom,
  )

/** A manifest in which every container of its pod templates was changed, initContainers and ephemeral ones too. */
export function mapContainers(
  manifest: Manifest,
  change: (container: JsonObject) => JsonObject,
  custom: PodTemplates = NONE,
): Manifest {
  const changed = (container: Json) => (isObject(container) ? change(container) : container)
  return mapPodSpecs(
    manifest,
    (spec) => CONTAINER_LISTS.reduce((inner, list) => objectOf(changeAt(inner, [list, '*'], changed)), spec),
    custom,
  )
}

/** The pod templates of the manifest: for a Pod the object itself. */
function podTemplatesOf(manifest: Manifest, custom: PodTemplates = NONE): readonly JsonObject[] {
  const found = pathsOf(manifest, custom).flatMap((path) => valuesAt(manifest, path))
  return [...(THEMSELVES.includes(groupKindOf(manifest)) ? [manifest] : []), ...found].filter(isObject)
}

/** The specs of the manifest's pod templates; most kinds have one, some have several. */
export const podSpecsOf = (manifest: Manifest, custom: PodTemplates = NONE): readonly JsonObject[] =>
  podTemplatesOf(manifest, custom).flatMap(({ spec }) => (isObject(spec) ? [spec] : []))

/** Every container of the manifest's pod templates, initContainers first, ephemeral ones last. */
export const containersOf = (manifest: Manifest, custom: PodTemplates = NONE): readonly JsonObject[] =>
  podSpecsOf(manifest, custom).flatMap(containersIn)

/** The same of one spec. */
export const containersIn = (spec: JsonObject): readonly JsonObject[] =>
  CONTAINER_LISTS.flatMap((list) => listOf(spec[list]).filter(isObject))
