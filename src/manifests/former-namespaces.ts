import { isClusterScoped } from './cluster-scoped-kinds.ts'
import { groupKindOf, type Manifest, namespaceIn } from './manifest.ts'
import type { Target } from './target.ts'

/** Kubernetes: Object Names and IDs. A namespace is a DNS label. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The namespaces in which the app lives for long: those that its objects name, `default` where one names none (there
 * kubectl puts it), and those that the instance's configuration gives.
 */
export function formerNamespacesOf(manifests: readonly Manifest[], target: Target): ReadonlySet<string> {
  const named = manifests
    .filter((manifest) => !isClusterScoped(groupKindOf(manifest)))
    .map((manifest) => namespaceIn(manifest) || 'default')
  return new Set([...named, ...target.formerNamespaces].filter((name) => LABEL.test(name)))
}
