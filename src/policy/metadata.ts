/** The metadata of an object and of what it is a template for: pods, Jobs, claims. */

import { keyed } from '../manifests/changes.ts'
import { isObject, type JsonObject, objectOf } from '../manifests/json.ts'
import { below, locate } from './locate.ts'
import type { Subject } from './rule.ts'

export interface Metadata {
  /** `metadata`, `spec.template.metadata` */
  readonly field: string
  readonly metadata: JsonObject
  readonly labels: JsonObject
  readonly annotations: JsonObject
  readonly of: 'object' | 'template'
}

/**
 * Kubernetes: what CronJobs and StatefulSets make beside pods; ephemeral volumes are claims as well. Argo Rollouts,
 * Ephemeral Metadata: what it adds to pods while they are new or old; the Jobs of an analysis.
 */
const TEMPLATES = [
  ['spec', 'jobTemplate', 'metadata'],
  ['spec', 'volumeClaimTemplates', '*', 'metadata'],
  ...['canaryMetadata', 'stableMetadata'].map((name) => ['spec', 'strategy', 'canary', name]),
  ...['activeMetadata', 'previewMetadata'].map((name) => ['spec', 'strategy', 'blueGreen', name]),
  ['spec', 'strategy', 'canary', 'steps', '*', 'experiment', 'templates', '*', 'metadata'],
  ['spec', 'metrics', '*', 'provider', 'job', 'metadata'],
]

/** An object's own metadata, and those of all its templates. */
export function metadataOf({ manifest, pods }: Subject): readonly Metadata[] {
  const templates = [
    ...TEMPLATES.flatMap((path) => locate(manifest, path)),
    ...pods
      .filter(({ field }) => field !== '')
      .map(({ field, metadata }) => ({ field: below(field, 'metadata'), value: metadata })),
    ...pods.flatMap(({ field, spec }) =>
      locate(spec, ['volumes', '*', 'ephemeral', 'volumeClaimTemplate', 'metadata'], below(field, 'spec')),
    ),
  ]
  return [
    metadataAt('metadata', manifest.metadata, 'object'),
    ...templates.flatMap(({ field, value }) => (isObject(value) ? [metadataAt(field, value, 'template')] : [])),
  ]
}

const metadataAt = (field: string, metadata: JsonObject, of: Metadata['of']): Metadata => ({
  field,
  metadata,
  labels: objectOf(metadata.labels),
  annotations: objectOf(metadata.annotations),
  of,
})

/** `metadata.annotations["example.com/name"]` */
export const annotationField = (field: string, key: string): string => below(`${field}.annotations`, keyed(key))
