import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Service, ExternalName. */
export const externalNames: Rule = {
  name: 'external-names',
  why: 'It makes an ingress controller, or whoever asks the preview, speak to any host of the cluster’s network.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind !== 'Service'
      ? []
      : [
          ...locate(manifest, ['spec', 'type'])
            .filter(({ value }) => value === 'ExternalName')
            .map(({ field }) => ({
              field,
              words: 'is ExternalName: name the host in the app’s configuration instead',
            })),
          ...locate(manifest, ['spec', 'externalName'])
            .filter(({ value }) => value !== '')
            .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out` })),
        ],
}
