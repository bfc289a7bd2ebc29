import { annotationField, metadataOf } from '../metadata.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Annotations that make even a ClusterIP Service known elsewhere: Tailscale, Emissary, Cilium Cluster Mesh, Linkerd
 * multicluster, Consul, Skupper.
 */
const EXPOSING = [
  /^tailscale\.com\//,
  /^getambassador\.io\/config$/,
  /^(io|service)\.cilium(\.io)?\/(global-service|shared-service|global|shared|affinity)/,
  /^mirror\.linkerd\.io\//,
  /^consul\.hashicorp\.com\//,
  /^skupper\.io\//,
]

export const serviceAnnotations: Rule = {
  name: 'service-annotations',
  why: 'Some annotations publish a Service to other networks and clusters.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    subject.kind !== 'Service'
      ? []
      : metadataOf(subject).flatMap(({ field, annotations, labels }) =>
          Object.keys({ ...annotations, ...labels })
            .filter((key) => EXPOSING.some((exposing) => exposing.test(key)))
            .map((key) => ({
              field: annotationField(field, key),
              words: 'publishes the Service outside of the preview: leave it out',
            })),
        ),
}
