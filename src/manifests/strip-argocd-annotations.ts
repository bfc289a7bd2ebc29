import { mapMetadata, metadataWithout } from './metadata.ts'
import { SYNC_WAVE } from './sync-wave.ts'
import type { Transform } from './transform.ts'

const PREFIX = 'argocd.argoproj.io/'
/** What says when an object is applied. What says whether it is compared, pruned or owned is the operators' to say. */
const KEPT = [SYNC_WAVE, `${PREFIX}hook`, `${PREFIX}hook-delete-policy`]

/**
 * Takes off what an app tells the Argo CD of its long-lived place, in annotations and labels: options of sync and
 * comparison, tracking, whether its health counts (Argo CD: Annotations and Labels). In a preview they would hide what
 * differs from the commit, or keep an object from going away. Waves and hooks stay.
 */
export const stripArgoCdAnnotations: Transform = (manifests) => {
  const isDropped = (name: string) => name.startsWith(PREFIX) && !KEPT.includes(name)
  return manifests.map((manifest) =>
    mapMetadata(manifest, (metadata) =>
      metadataWithout(metadataWithout(metadata, 'annotations', isDropped), 'labels', isDropped),
    ),
  )
}
