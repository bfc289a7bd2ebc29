import { textOf } from '../../manifests/json.ts'
import { hasText } from '../locate.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** External Secrets: ClusterSecretStore, ClusterGenerator; KEDA: ClusterTriggerAuthentication. */
const KINDS = ['ClusterSecretStore', 'ClusterGenerator', 'ClusterTriggerAuthentication']

export const clusterCredentials: Rule = {
  name: 'cluster-credentials',
  why: 'A store that serves the whole cluster gives a pull request any secret that it asks for by name.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ manifest, entries }) =>
    (hasText(manifest.spec, (text) => KINDS.includes(text)) ? entries() : [])
      .filter(({ key, field, value }) => key === 'kind' && field.startsWith('spec.') && KINDS.includes(textOf(value)))
      .map(({ field, value }) => ({
        field,
        words: `is ${textOf(value)}, which the whole cluster shares: have the object put into common/ of the GitOps repo`,
      })),
}
