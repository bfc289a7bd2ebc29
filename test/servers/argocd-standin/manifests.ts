import { loadAll } from 'js-yaml'
import { z } from 'zod'

const ManifestSchema = z.looseObject({
  apiVersion: z.string().default(''),
  kind: z.string(),
  metadata: z
    .looseObject({
      name: z.string().default(''),
      namespace: z.string().default(''),
      annotations: z.record(z.string(), z.string()).nullish(),
    })
    .prefault({}),
})
export type Manifest = z.output<typeof ManifestSchema>

const NAMESPACED = new Set(
  [
    'ConfigMap Secret Service ServiceAccount Pod PersistentVolumeClaim Endpoints ResourceQuota LimitRange',
    'ReplicationController Deployment StatefulSet DaemonSet ReplicaSet Job CronJob Ingress NetworkPolicy',
    'Role RoleBinding HorizontalPodAutoscaler PodDisruptionBudget EndpointSlice Lease',
  ]
    .join(' ')
    .split(' '),
)
const CLUSTER_SCOPED = new Set(
  [
    'ClusterRole ClusterRoleBinding CustomResourceDefinition PersistentVolume StorageClass PriorityClass IngressClass',
    'ValidatingWebhookConfiguration MutatingWebhookConfiguration APIService Node CSIDriver RuntimeClass',
    'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding',
  ]
    .join(' ')
    .split(' '),
)

/** The objects of an application's folder. @throws {Error} in repo-server's words where they can't be read */
export function readManifests(files: ReadonlyMap<string, string>, folder: string): readonly Manifest[] {
  if (files.size === 0) throw new Error(`${folder}: app path does not exist`)
  const manifests: Manifest[] = []
  for (const [file, text] of files) {
    for (const document of documentsOf(text, file)) {
      if (document === null || document === undefined) continue
      const parsed = ManifestSchema.safeParse(document)
      if (!parsed.success) {
        const what = JSON.stringify(document).slice(0, 200)
        const field =
          parsed.error.issues[0]?.path.join('.') === 'kind' ? 'Kind' : parsed.error.issues[0]?.path.join('.')
        throw new Error(`failed to unmarshal "${file}": Object '${field}' is missing in '${what}'`)
      }
      manifests.push(parsed.data)
    }
  }
  return manifests
}

function documentsOf(text: string, file: string): readonly unknown[] {
  try {
    return loadAll(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new Error(`failed to unmarshal "${file}": error converting YAML to JSON: yaml: ${why}`, { cause })
  }
}

/** Why the project or the cluster refuses an object, in their words; '' where they take it. */
export function refusalOf({ apiVersion, kind, metadata }: Manifest, namespace: string): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  if (metadata.name === '') return 'resource name may not be empty'
  if (CLUSTER_SCOPED.has(kind)) return `resource ${group}:${kind} is not permitted in project westage`
  if (kind !== 'Namespace' && !NAMESPACED.has(kind)) {
    return `The Kubernetes API could not find ${group}/${kind} for requested resource ${metadata.name}. Make sure the "${kind}" CRD is installed on the destination cluster.`
  }
  const into = kind === 'Namespace' ? metadata.name : metadata.namespace || namespace
  return into.startsWith('westage-') ? '' : `namespace ${into} is not permitted in project 'westage'`
}

const ContainerSchema = z.looseObject({
  image: z.string().default(''),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  envFrom: z
    .array(
      z.looseObject({
        configMapRef: z.looseObject({ name: z.string() }).optional(),
        secretRef: z.looseObject({ name: z.string() }).optional(),
      }),
    )
    .default([]),
})
const TemplateSchema = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).nullish() }).nullish(),
  spec: z.looseObject({
    containers: z.array(ContainerSchema).default([]),
    initContainers: z.array(ContainerSchema).default([]),
  }),
})
const WorkloadSchema = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet']),
  spec: z.looseObject({ template: TemplateSchema }),
})

/** Why a workload never becomes healthy, '' where it does. */
export function illnessOf(manifest: Manifest): string {
  const workload = WorkloadSchema.safeParse(manifest)
  if (!workload.success) return ''
  const { template } = workload.data.spec
  const images = [...template.spec.initContainers, ...template.spec.containers].map(({ image }) => image)
  const missing = images.find((image) => image.split('/').some((part) => part.startsWith('does-not-exist')))
  const isCrashing = template.metadata?.annotations?.['westage.dev/stand-in'] === 'crash'
  if (missing === undefined && !isCrashing) return ''
  const why = missing === undefined ? 'its container crashes' : `image ${missing} can't be pulled`
  return `${manifest.kind} "${manifest.metadata.name}" exceeded its progress deadline (stand-in: ${why})`
}

/** Whether Argo CD waits for an object of this kind to become healthy. */
export const isWorkload = (manifest: Manifest): boolean => WorkloadSchema.safeParse(manifest).success

/** The variables of a workload's containers that WeStage set. */
export function westageEnvOf(manifest: Manifest): ReadonlyMap<string, string> {
  const workload = WorkloadSchema.safeParse(manifest)
  const containers = workload.success ? workload.data.spec.template.spec.containers : []
  const variables = containers.flatMap(({ env }) => env).filter(({ name }) => name.startsWith('WESTAGE'))
  return new Map(variables.map(({ name, value }) => [name, value ?? '']))
}

const IngressSchema = z.looseObject({
  kind: z.literal('Ingress'),
  spec: z.looseObject({ rules: z.array(z.looseObject({ host: z.string().default('') })).default([]) }),
})

export function hostsOf(manifest: Manifest): readonly string[] {
  const ingress = IngressSchema.safeParse(manifest)
  return ingress.success ? ingress.data.spec.rules.map(({ host }) => host.toLowerCase()) : []
}

const ConfigMapSchema = z.looseObject({
  kind: z.literal('ConfigMap'),
  data: z.record(z.string(), z.unknown()).nullish(),
})

export function configMapDataOf(manifest: Manifest): ReadonlyMap<string, string> {
  const configMap = ConfigMapSchema.safeParse(manifest)
  return new Map(
    Object.entries((configMap.success && configMap.data.data) || {}).map(([key, value]) => [key, String(value)]),
  )
}

const SecretSchema = z.looseObject({
  kind: z.literal('Secret'),
  data: z.record(z.string(), z.string()).nullish(),
  stringData: z.record(z.string(), z.string()).nullish(),
})

/** Kubernetes API, Secret: `stringData` is written over `data`. */
function secretDataOf(manifest: Manifest): ReadonlyMap<string, string> {
  const secret = SecretSchema.safeParse(manifest)
  if (!secret.success) return new Map()
  const encoded = Object.entries(secret.data.data ?? {})
  const decoded = encoded.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const)
  return new Map([...decoded, ...Object.entries(secret.data.stringData ?? {})])
}

/**
 * What the first container of the first Deployment finds in its environment, of plain values, ConfigMaps and Secrets.
 * Kubernetes API, Container: a later source counts, and `env` over all of `envFrom`.
 */
export function environmentOf(manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const workload = manifests.map((manifest) => WorkloadSchema.safeParse(manifest)).find(({ success }) => success)
  const container = workload?.data?.spec.template.spec.containers[0]
  const named = (kind: string, name: string | undefined) =>
    manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name)
  const sources = (container?.envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
    ...named('ConfigMap', configMapRef?.name).map(configMapDataOf),
    ...named('Secret', secretRef?.name).map(secretDataOf),
  ])
  const own = (container?.env ?? []).map(({ name, value }) => [name, value ?? ''] as const)
  return new Map([...sources.flatMap((source) => [...source]), ...own])
}
