import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Secrets, Types of Secret. The control plane fills in the first with a token that never ends. */
const TYPES = ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']

export const secretTypes: Rule = {
  name: 'secret-types',
  why: 'Such a Secret is a credential for the API server that outlives every pod.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    (kind === 'Secret' ? locate(manifest, ['type']) : [])
      .filter(({ value }) => TYPES.includes(textOf(value)))
      .map(({ field, value }) => ({
        field,
        words: `is ${shown(value)}: leave the Secret out, pods get tokens that end`,
      })),
}
