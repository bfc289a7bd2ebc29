import { isObject, type JsonObject, textOf, without } from './json.ts'
import { changeField, groupKindOf } from './manifest.ts'
import { mapMetadata, mapTemplateMetadata, metadataWithout } from './metadata.ts'
import type { Transform } from './transform.ts'

/** Kubernetes: Well-Known Labels, Annotations and Taints. What controllers note on a claim that has its volume. */
const BOUND = [
  'pv.kubernetes.io/',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'volume.alpha.kubernetes.io/selected-node',
]
const isBound = (annotation: string): boolean => BOUND.some((prefix) => annotation.startsWith(prefix))

/**
 * Unties claims from the volumes of the long-lived sibling, so that each preview gets volumes of its own. A claim that
 * named a volume and asked for no class (`storageClassName: ""`) asks for the default one: it would have no volume
 * otherwise, or one that lies about. A volume that is among the preview's own objects keeps its claim.
 */
export const unbindVolumes: Transform = (manifests) => {
  const own = new Set(manifests.filter((manifest) => groupKindOf(manifest) === 'PersistentVolume').map(nameOf))
  const unbound = (spec: JsonObject): JsonObject => {
    const volume = textOf(spec.volumeName)
    if (volume === '' || own.has(volume)) return spec
    return without(spec, spec.storageClassName === '' ? ['volumeName', 'storageClassName'] : ['volumeName'])
  }
  const unnoted = (metadata: JsonObject) => metadataWithout(metadata, 'annotations', isBound)
  return manifests.map((manifest) => {
    if (groupKindOf(manifest) === 'PersistentVolumeClaim') {
      return changeField(mapMetadata(manifest, unnoted), ['spec'], (spec) => (isObject(spec) ? unbound(spec) : spec))
    }
    const noted = changeField(manifest, ['spec', 'volumeClaimTemplates', '*'], (claim) =>
      isObject(claim) ? mapTemplateMetadata(claim, unnoted) : claim,
    )
    return changeField(noted, ['spec', 'volumeClaimTemplates', '*', 'spec'], (spec) =>
      isObject(spec) ? unbound(spec) : spec,
    )
  })
}

const nameOf = ({ metadata }: { readonly metadata: { readonly name: string } }): string => metadata.name
