import { Terminal } from '../domain/errors.ts'
import { isClusterScoped } from './cluster-scoped-kinds.ts'
import { followNamespacesInside } from './cluster-scoped-namespaces.ts'
import { formerNamespacesOf } from './former-namespaces.ts'
import { isObject, type Json, textOf } from './json.ts'
import { changeField, groupKindOf, type Manifest, namespaceIn, objectName } from './manifest.ts'
import { followNamespaces } from './namespace-fields.ts'
import { SYNC_WAVE, waveOf } from './sync-wave.ts'
import type { Transform } from './transform.ts'

/** Argo CD: Sync Phases and Waves. The namespace comes before everything that goes into it. */
const EARLIEST_WAVE = -100

/**
 * Puts every object into the preview's namespace, and that Namespace first; cluster-scoped ones that were admitted are
 * in none. What named a namespace of the app's own
 * objects, or `default`, names the preview's; what named another stays.
 * @throws {Terminal} two objects of one kind and name that only their namespaces told apart
 */
export const moveToNamespace: Transform = (manifests, target) => {
  const { namespace } = target
  refuseTwins(manifests)
  const own = new Set(['default', ...formerNamespacesOf(manifests, target)])
  const follow = (name: string) => (own.has(name) ? namespace : name)
  const moved = manifests.map((manifest) => {
    if (isClusterScoped(groupKindOf(manifest))) {
      return withSubjectNamespaces(followNamespacesInside(manifest, follow), namespace)
    }
    const followed = withSubjectNamespaces(followNamespaces(manifest, follow), namespace)
    return { ...followed, metadata: { ...followed.metadata, namespace } }
  })
  return [namespaceObject(namespace, manifests), ...moved]
}

/** The preview's Namespace, which Argo CD applies before everything that goes into it. */
export function namespaceObject(
  name: string,
  manifests: readonly Manifest[],
  labels: Readonly<Record<string, string>> = {},
): Manifest {
  const earliest = Math.min(EARLIEST_WAVE, ...manifests.map((manifest) => waveOf(manifest) - 1))
  const annotations = { [SYNC_WAVE]: String(earliest) }
  const labelled = Object.keys(labels).length === 0 ? {} : { labels }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...labelled, annotations } }
}

/** Kubernetes: Using RBAC Authorization. A ServiceAccount among the subjects must say its namespace. */
function withSubjectNamespaces(manifest: Manifest, namespace: string): Manifest {
  if (!/^(Cluster)?RoleBinding\./.test(groupKindOf(manifest))) return manifest
  const named = (subject: Json): Json =>
    isObject(subject) && subject.kind === 'ServiceAccount' && textOf(subject.namespace) === ''
      ? { ...subject, namespace }
      : subject
  return changeField(manifest, ['subjects', '*'], named)
}

function refuseTwins(manifests: readonly Manifest[]): void {
  const seen = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const identity = `${groupKindOf(manifest)} ${manifest.metadata.name}`
    const twin = seen.get(identity)
    if (twin !== undefined) {
      const places = [twin, manifest].map((one) => namespaceIn(one) || 'no namespace').join(' and ')
      throw new Terminal(`${objectName(manifest)} is there twice, in ${places}: a preview has one namespace for all`)
    }
    seen.set(identity, manifest)
  }
}
