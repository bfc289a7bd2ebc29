import { objectOf } from './json.ts'
import type { Transform } from './transform.ts'

/**
 * Says on every object whose preview it is. Only the objects' own metadata is touched: selectors and pod templates keep
 * to themselves. App and slug are DNS labels, and so valid as label values (Kubernetes: Labels and Selectors).
 */
export const labelOwner: Transform = (manifests, { app, slug, pull, sha }) =>
  manifests.map((manifest) => ({
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: {
        ...objectOf(manifest.metadata.labels),
        'westage.dev/app': app,
        'westage.dev/pull': String(pull.number),
        'westage.dev/slug': slug,
      },
      annotations: {
        ...objectOf(manifest.metadata.annotations),
        'westage.dev/pull-url': pull.url,
        'westage.dev/sha': sha,
      },
    },
  }))
