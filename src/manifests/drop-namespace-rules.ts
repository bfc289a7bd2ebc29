import { groupKindOf, type Manifest } from './manifest.ts'
import type { Transform } from './transform.ts'

/** Those that WeStage writes itself, called `westage` or `westage-…` (policy/guards.ts). */
export const GUARD_KINDS: readonly string[] = ['ResourceQuota', 'LimitRange', 'NetworkPolicy.networking.k8s.io']

/** The same of older servers, of Cilium and of Calico. The AppProject of argocd/ forbids exactly these. */
export const FORBIDDEN_RULES: readonly string[] = [
  'NetworkPolicy.extensions',
  'CiliumNetworkPolicy.cilium.io',
  'NetworkPolicy.crd.projectcalico.org',
  'NetworkPolicy.projectcalico.org',
]

/**
 * Kinds that say what a namespace may use and whom it may talk to, `Kind.group`: Kubernetes, Resource Quotas, Limit
 * Ranges, Network Policies.
 */
export const NAMESPACE_RULES: readonly string[] = [...GUARD_KINDS, ...FORBIDDEN_RULES]

/** Whether an object is called like those that WeStage sets around a preview. */
export const isCalledGuard = ({ metadata }: Manifest): boolean => /^westage(-.*)?$/.test(metadata.name)

/** Whether an object says what a namespace may do. */
export const isNamespaceRule = (manifest: Manifest): boolean => NAMESPACE_RULES.includes(groupKindOf(manifest))

/**
 * Leaves out what would set the rules of the preview's namespace: they are the operators' to make. Network policies add
 * up, so that one of a pull request could open what the operators' own close (Kubernetes: Network Policies).
 */
export const dropNamespaceRules: Transform = (manifests) => manifests.filter((manifest) => !isNamespaceRule(manifest))
