import { groupKindOf, type Manifest } from './manifest.ts'
import type { Transform } from './transform.ts'

/**
 * Kinds that say what a namespace may use and whom it may talk to, `Kind.group`: Kubernetes (Resource Quotas, Limit
 * Ranges, Network Policies), and the same of Cilium and Calico. The AppProject of argocd/ forbids exactly these.
 */
export const NAMESPACE_RULES: readonly string[] = [
  'ResourceQuota',
  'LimitRange',
  'NetworkPolicy.networking.k8s.io',
  'NetworkPolicy.extensions',
  'CiliumNetworkPolicy.cilium.io',
  'NetworkPolicy.crd.projectcalico.org',
  'NetworkPolicy.projectcalico.org',
]

/** Whether an object says what a namespace may do. */
export const isNamespaceRule = (manifest: Manifest): boolean => NAMESPACE_RULES.includes(groupKindOf(manifest))

/**
 * Leaves out what would set the rules of the preview's namespace: they are the operators' to make. Network policies add
 * up, so that one of a pull request could open what the operators' own close (Kubernetes: Network Policies).
 */
export const dropNamespaceRules: Transform = (manifests) => manifests.filter((manifest) => !isNamespaceRule(manifest))
