import { objectOf } from '../../manifests/json.ts'
import type { Rule } from '../rule.ts'

/** In `standard` they pass: they stand in the pull request's own repo in the clear already. */
export const clearSecrets: Rule = {
  name: 'clear-secrets',
  why: 'Whoever reads the GitOps repo reads them.',
  verdicts: { strict: 'refused', standard: 'noted', trusted: 'passed' },
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind !== 'Secret'
      ? []
      : ['data', 'stringData']
          .filter((field) => Object.keys(objectOf(manifest[field])).length > 0)
          .map((field) => ({
            field,
            words: 'stands in the clear, as in the app’s own repo: a SealedSecret or an ExternalSecret would not',
          })),
}
