/** What a cluster-scoped object is called in a preview, where the instance lets previews have any. */
import { createHash } from 'node:crypto'

/**
 * Kinds of which each preview can have its own, `Kind.group`: their names are anybody's to choose, and every reference
 * to them is known (cluster-scoped-references). Of others the name is the meaning (CustomResourceDefinition,
 * APIService, Node, CSIDriver), or they work on the whole cluster whatever they are called.
 */
const RENAMED = new Set([
  'ClusterRole.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
  'ClusterRole.authorization.openshift.io',
  'ClusterRoleBinding.authorization.openshift.io',
  'PersistentVolume',
  'StorageClass.storage.k8s.io',
  'VolumeAttributesClass.storage.k8s.io',
  'VolumeSnapshotClass.snapshot.storage.k8s.io',
  'PriorityClass.scheduling.k8s.io',
  'RuntimeClass.node.k8s.io',
  'IngressClass.networking.k8s.io',
  'GatewayClass.gateway.networking.k8s.io',
  'ClusterIssuer.cert-manager.io',
  'ClusterSecretStore.external-secrets.io',
  'ClusterGenerator.generators.external-secrets.io',
  'ClusterAnalysisTemplate.argoproj.io',
  'ClusterTriggerAuthentication.keda.sh',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'MutatingAdmissionPolicy.admissionregistration.k8s.io',
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
])

export const isRenamed = (groupKind: string): boolean => RENAMED.has(groupKind)

/** Kubernetes: Object Names and IDs. A DNS subdomain; none of these kinds asks for less. */
const NAME_MAX = 253

/**
 * `<namespace>.<name>`, cut with a hash of the whole. No namespace has a dot, so that two previews never come to the
 * same name, as `a-b` and `c` would with `a` and `b-c` if a dash stood between.
 */
export function previewNameOf(name: string, namespace: string): string {
  const whole = `${namespace}.${name}`
  if (whole.length <= NAME_MAX) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 10)
  return `${whole.slice(0, NAME_MAX - hash.length - 1).replace(/[^A-Za-z0-9]+$/, '')}-${hash}`
}

/** Whether a cluster-scoped object is called as one of the preview in this namespace. */
export const isNamedAfter = (name: string, namespace: string): boolean => name.startsWith(`${namespace}.`)
