/** Where objects name cluster-scoped ones, kind by kind, by each project's API reference. */
import {
  changeAt,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  objectOf,
  type Path,
  pathOf,
  textOf,
} from './json.ts'
import { annotationsOf, changeField, groupKindOf, groupOf, type Manifest, withAnnotations } from './manifest.ts'
import { mapPodSpecs, type PodTemplates } from './pod-templates.ts'

/** The new name of an object that is renamed, or the same name: the kind is `Kind.group`. */
export type Rename = (groupKind: string, name: string) => string

const RBAC = 'rbac.authorization.k8s.io'
const STORAGE_CLASS = 'StorageClass.storage.k8s.io'
const INGRESS_CLASS = 'IngressClass.networking.k8s.io'
const ATTRIBUTES_CLASS = 'VolumeAttributesClass.storage.k8s.io'

/** A field that holds nothing but the name, or an object whose `kind` says whose name it holds. */
type Field =
  | { readonly at: Path; readonly of: string }
  | { readonly at: Path; readonly kind: string; readonly of: string; readonly name: string }

const plain = (of: string, ...paths: readonly string[]): readonly Field[] =>
  paths.map((path) => ({ at: pathOf(path), of }))
/** `{ kind, name }`, where the kind is this one. */
const kinded = (of: string, ...paths: readonly string[]): readonly Field[] =>
  paths.map((path) => ({ at: pathOf(path), kind: of.slice(0, of.indexOf('.')), of, name: 'name' }))

const claimFields = (spec: string): readonly Field[] => [
  ...plain(STORAGE_CLASS, `${spec}.storageClassName`),
  ...plain(ATTRIBUTES_CLASS, `${spec}.volumeAttributesClassName`),
  ...plain('PersistentVolume', `${spec}.volumeName`),
]
const POLICIES = ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'].map(
  (kind) => `${kind}.admissionregistration.k8s.io`,
)
const solvers = 'spec.acme.solvers.*.http01.ingress'

const FIELDS = new Map<string, readonly Field[]>([
  ...['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) =>
    [RBAC, 'authorization.openshift.io'].map((group): [string, readonly Field[]] => [
      `${kind}.${group}`,
      kinded(`ClusterRole.${group}`, 'roleRef'),
    ]),
  ),
  ['PersistentVolumeClaim', claimFields('spec')],
  ['StatefulSet.apps', claimFields('spec.volumeClaimTemplates.*.spec')],
  [
    'PersistentVolume',
    [...plain(STORAGE_CLASS, 'spec.storageClassName'), ...plain(ATTRIBUTES_CLASS, 'spec.volumeAttributesClassName')],
  ],
  [
    'VolumeSnapshot.snapshot.storage.k8s.io',
    plain('VolumeSnapshotClass.snapshot.storage.k8s.io', 'spec.volumeSnapshotClassName'),
  ],
  ['Ingress.networking.k8s.io', plain(INGRESS_CLASS, 'spec.ingressClassName')],
  ['Ingress.extensions', plain(INGRESS_CLASS, 'spec.ingressClassName')],
  ['HTTPProxy.projectcontour.io', plain(INGRESS_CLASS, 'spec.ingressClassName')],
  ['ApisixRoute.apisix.apache.org', plain(INGRESS_CLASS, 'spec.ingressClassName')],
  ['Gateway.gateway.networking.k8s.io', plain('GatewayClass.gateway.networking.k8s.io', 'spec.gatewayClassName')],
  ...['Certificate', 'CertificateRequest'].map((kind): [string, readonly Field[]] => [
    `${kind}.cert-manager.io`,
    kinded('ClusterIssuer.cert-manager.io', 'spec.issuerRef'),
  ]),
  ...['Issuer', 'ClusterIssuer'].map((kind): [string, readonly Field[]] => [
    `${kind}.cert-manager.io`,
    plain(INGRESS_CLASS, `${solvers}.ingressClassName`, `${solvers}.class`),
  ]),
  [
    'ExternalSecret.external-secrets.io',
    [
      ...kinded(
        'ClusterSecretStore.external-secrets.io',
        'spec.secretStoreRef',
        'spec.data.*.sourceRef.storeRef',
        'spec.dataFrom.*.sourceRef.storeRef',
      ),
      ...kinded('ClusterGenerator.generators.external-secrets.io', 'spec.dataFrom.*.sourceRef.generatorRef'),
    ],
  ],
  ['PushSecret.external-secrets.io', kinded('ClusterSecretStore.external-secrets.io', 'spec.secretStoreRefs.*')],
  ...['ScaledObject', 'ScaledJob'].map((kind): [string, readonly Field[]] => [
    `${kind}.keda.sh`,
    kinded('ClusterTriggerAuthentication.keda.sh', 'spec.triggers.*.authenticationRef'),
  ]),
  ...POLICIES.map((policy): [string, readonly Field[]] => [
    policy.replace('Policy.', 'PolicyBinding.'),
    plain(policy, 'spec.policyName'),
  ]),
])

const ANNOTATIONS = new Map([
  ['kubernetes.io/ingress.class', INGRESS_CLASS],
  ['cert-manager.io/cluster-issuer', 'ClusterIssuer.cert-manager.io'],
  ['acme.cert-manager.io/http01-ingress-class', INGRESS_CLASS],
  ['acme.cert-manager.io/http01-ingress-ingressclassname', INGRESS_CLASS],
  ['volume.beta.kubernetes.io/storage-class', STORAGE_CLASS],
])

const POD_FIELDS: readonly Field[] = [
  ...plain('PriorityClass.scheduling.k8s.io', 'priorityClassName'),
  ...plain('RuntimeClass.node.k8s.io', 'runtimeClassName'),
  ...claimFields('volumes.*.ephemeral.volumeClaimTemplate.spec'),
]

/** A manifest in which every name of a cluster-scoped object went through `rename`. */
export function followRenamed(manifest: Manifest, rename: Rename, podTemplates: PodTemplates): Manifest {
  const fields = FIELDS.get(groupKindOf(manifest)) ?? []
  const followed = fields.reduce(
    (changed, field) => changeField(changed, field.at, (found) => followField(found, field, rename)),
    followAnnotations(manifest, rename),
  )
  const pods = mapPodSpecs(
    followed,
    (spec) =>
      POD_FIELDS.reduce(
        (changed, field) => objectOf(changeAt(changed, field.at, (found) => followField(found, field, rename))),
        spec,
      ),
    podTemplates,
  )
  if (groupOf(pods) === 'argoproj.io') return changeField(pods, ['spec'], (spec) => followAnalyses(spec, rename))
  if (/^(Cluster)?Role\.rbac\./.test(groupKindOf(pods))) {
    return changeField(pods, ['rules', '*'], (rule) => (isObject(rule) ? followResourceNames(rule, rename) : rule))
  }
  return pods
}

function followField(found: Json, field: Field, rename: Rename): Json {
  if (typeof found === 'string' && !('kind' in field)) return rename(field.of, found)
  if (!isObject(found) || !('kind' in field) || found.kind !== field.kind) return found
  const before = textOf(found[field.name])
  const after = rename(field.of, before)
  return after === before ? found : { ...found, [field.name]: after }
}

function followAnnotations(manifest: Manifest, rename: Rename): Manifest {
  const annotations = annotationsOf(manifest)
  const changed = [...ANNOTATIONS].flatMap(([name, of]): [string, Json][] => {
    const before = textOf(annotations[name])
    const after = before === '' ? before : rename(of, before)
    return after === before ? [] : [[name, after]]
  })
  return changed.length === 0 ? manifest : withAnnotations(manifest, { ...annotations, ...Object.fromEntries(changed) })
}

/** Argo Rollouts: Analysis. Wherever a template is named, `clusterScope: true` says that it is the cluster's. */
function followAnalyses(value: Json, rename: Rename): Json {
  if (isList(value)) {
    const list = value.map((element) => followAnalyses(element, rename))
    return list.every((element, at) => element === value[at]) ? value : list
  }
  if (!isObject(value)) return value
  const before = textOf(value.templateName)
  const after = value.clusterScope === true ? rename('ClusterAnalysisTemplate.argoproj.io', before) : before
  const named = after === before ? value : { ...value, templateName: after }
  return Object.keys(named).reduce<Json>(
    (changed, key) => changeAt(changed, [key], (inner) => followAnalyses(inner, rename)),
    named,
  )
}

/** Kubernetes: Using RBAC Authorization. The plurals of the kinds that can be renamed. */
const PLURALS = new Map(
  [
    `ClusterRole.${RBAC}`,
    `ClusterRoleBinding.${RBAC}`,
    'PersistentVolume',
    STORAGE_CLASS,
    'PriorityClass.scheduling.k8s.io',
    'RuntimeClass.node.k8s.io',
    INGRESS_CLASS,
    'GatewayClass.gateway.networking.k8s.io',
    'ClusterIssuer.cert-manager.io',
    'ClusterSecretStore.external-secrets.io',
  ].map((groupKind) => {
    const kind = groupKind.replace(/\..*/, '').toLowerCase()
    return [kind.endsWith('s') ? `${kind}es` : `${kind}s`, groupKind]
  }),
)

function followResourceNames(rule: JsonObject, rename: Rename): JsonObject {
  const kinds = listOf(rule.resources).flatMap((resource) => PLURALS.get(textOf(resource).replace(/\/.*/, '')) ?? [])
  return objectOf(
    changeAt(rule, ['resourceNames', '*'], (name) =>
      kinds.reduce(
        (found: Json, kind) => (typeof found === 'string' && found === name ? rename(kind, found) : found),
        name,
      ),
    ),
  )
}
