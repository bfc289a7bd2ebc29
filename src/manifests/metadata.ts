/** The metadata of objects, and of the templates that pods and claims are made from. */
import { isObject, type JsonObject, objectOf, without } from './json.ts'
import type { Manifest } from './manifest.ts'

/**
 * Metadata without the annotations or labels that `isDropped` names: the very same where there are none of them, and
 * without the field where nothing is left in it.
 */
export function metadataWithout(
  metadata: JsonObject,
  field: 'annotations' | 'labels',
  isDropped: (name: string) => boolean,
): JsonObject {
  const before = objectOf(metadata[field])
  const kept = without(before, Object.keys(before).filter(isDropped))
  if (kept === before) return metadata
  return Object.keys(kept).length === 0 ? without(metadata, [field]) : { ...metadata, [field]: kept }
}

/** A manifest whose own metadata was changed; its name stays. */
export function mapMetadata(manifest: Manifest, change: (metadata: JsonObject) => JsonObject): Manifest {
  const metadata = change(manifest.metadata)
  return metadata === manifest.metadata
    ? manifest
    : { ...manifest, metadata: { ...metadata, name: manifest.metadata.name } }
}

/** A template whose metadata was changed; nothing is done where it has none. */
export function mapTemplateMetadata(template: JsonObject, change: (metadata: JsonObject) => JsonObject): JsonObject {
  if (!isObject(template.metadata)) return template
  const metadata = change(template.metadata)
  return metadata === template.metadata ? template : { ...template, metadata }
}
