/** A Kubernetes object as WeStage holds it between kustomize and the GitOps repo. */
import { changeAt, type Json, type JsonObject, objectOf, textOf } from './json.ts'

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

/** What tells an object from all others of one namespace. The version says nothing about which one it is. */
export const identityOf = (manifest: Manifest): string => `${groupKindOf(manifest)} ${manifest.metadata.name}`

/** The namespace that the object asks for, '' where it asks for none. */
export const namespaceIn = ({ metadata }: Manifest): string => textOf(metadata.namespace)

/** The object's annotations. */
export const annotationsOf = ({ metadata }: Manifest): JsonObject => objectOf(metadata.annotations)

/** The object with other annotations; none at all where `annotations` is empty and it had none. */
export function withAnnotations(manifest: Manifest, annotations: JsonObject): Manifest {
  if (Object.keys(annotations).length === 0 && manifest.metadata.annotations === undefined) return manifest
  return { ...manifest, metadata: { ...manifest.metadata, annotations } }
}

/**
 * A manifest in which what stands at `path` was changed, the very same one where nothing was; `path` starts at a
 * top-level field other than metadata.
 */
export function changeField(manifest: Manifest, path: readonly string[], change: (found: Json) => Json): Manifest {
  const [field = '', ...rest] = path
  const before = manifest[field]
  if (before === undefined) return manifest
  const after = changeAt(before, rest, change)
  return after === before ? manifest : { ...manifest, [field]: after }
}
