import { Terminal } from '../domain/errors.ts'
import { isClusterScoped } from './cluster-scoped-kinds.ts'
import { isRenamed, previewNameOf } from './cluster-scoped-names.ts'
import { followRenamed } from './cluster-scoped-references.ts'
import { objectOf } from './json.ts'
import { groupKindOf, identityOf, type Manifest, objectName } from './manifest.ts'
import { mapMetadata, metadataWithout } from './metadata.ts'
import type { Transform } from './transform.ts'

/** What makes an object the one that the whole cluster uses where nobody names another. */
const DEFAULTS = [
  'ingressclass.kubernetes.io/is-default-class',
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
  'snapshot.storage.kubernetes.io/is-default-class',
]

/** Kubernetes: Using RBAC Authorization, Aggregated ClusterRoles. */
const AGGREGATED = 'rbac.authorization.k8s.io/aggregate-to-'

/**
 * Gives cluster-scoped objects names of the preview's own, `<namespace>.<name>`, and follows every reference to them.
 * They stay outside the namespace, and none becomes the cluster's default. Namespaces are left out: the preview has its
 * own.
 * @throws {Terminal} naming every object whose name can't be another, and ClusterRoles that take part in others
 */
export const renameClusterScoped: Transform = (manifests, { namespace, podTemplates }) => {
  const kept = manifests.filter((manifest) => groupKindOf(manifest) !== 'Namespace')
  const own = kept.filter((manifest) => isClusterScoped(groupKindOf(manifest)))
  refuseFixed(own)
  refuseAggregated(own)
  const names = new Set(own.map(identityOf))
  const rename = (groupKind: string, name: string) =>
    names.has(`${groupKind} ${name}`) ? previewNameOf(name, namespace) : name
  return kept.map((manifest) => {
    const followed = followRenamed(manifest, rename, podTemplates)
    return names.has(identityOf(manifest)) ? renamed(followed, namespace) : followed
  })
}

function renamed(manifest: Manifest, namespace: string): Manifest {
  const plain = mapMetadata(manifest, (metadata) =>
    metadataWithout(metadata, 'annotations', (name) => DEFAULTS.includes(name)),
  )
  const metadata = { ...plain.metadata, name: previewNameOf(plain.metadata.name, namespace) }
  return plain.globalDefault === true ? { ...plain, metadata, globalDefault: false } : { ...plain, metadata }
}

function refuseFixed(manifests: readonly Manifest[]): void {
  const fixed = manifests.filter((manifest) => !isRenamed(groupKindOf(manifest))).map(objectName)
  if (fixed.length === 0) return
  throw new Terminal(
    `a preview can't have ${fixed.join(', ')} of its own: the cluster knows ${fixed.length === 1 ? 'it' : 'each'} by this ` +
      `very name, or all of the cluster is subject to it. Leave ${fixed.length === 1 ? 'it' : 'them'} out of the folder ` +
      'that previews are rendered from',
  )
}

function refuseAggregated(manifests: readonly Manifest[]): void {
  for (const manifest of manifests) {
    const labels = Object.keys(objectOf(manifest.metadata.labels))
    const label = labels.find((name) => name.startsWith(AGGREGATED))
    if (label !== undefined) {
      throw new Terminal(
        `${objectName(manifest)}: metadata.labels: ${label} adds to a role of the whole cluster: take it off`,
      )
    }
    if ((manifest.aggregationRule ?? null) !== null) {
      throw new Terminal(
        `${objectName(manifest)}: aggregationRule takes in roles of the whole cluster: write its rules out instead`,
      )
    }
  }
}
