import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Service, Publishing Services. WeStage makes other types ClusterIP before. */
export const serviceTypes: Rule = {
  name: 'service-types',
  why: 'Load balancers cost money and ports of nodes are few; a preview is reached by its hosts.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind !== 'Service'
      ? []
      : [
          ...locate(manifest, ['spec', 'type'])
            .filter(({ value }) => !['', 'ClusterIP', 'ExternalName'].includes(textOf(value)))
            .map(({ field, value }) => ({ field, words: `is ${shown(value)}: make it ClusterIP` })),
          ...[
            ...locate(manifest, ['spec', 'ports', '*', 'nodePort']),
            ...locate(manifest, ['spec', 'healthCheckNodePort']),
          ]
            .filter(({ value }) => value !== 0)
            .map(({ field, value }) => ({ field, words: `takes port ${shown(value)} of every node: leave it out` })),
        ],
}
