import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Secrets, Types of Secret. The control plane fills in the first with a token that never ends. */
const TYPES = ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']
/** Secrets, and what makes one by a template. */
const PATHS = new Map([
  ['Secret', ['type']],
  ['ExternalSecret.external-secrets.io', ['spec', 'target', 'template', 'type']],
  ['SealedSecret.bitnami.com', ['spec', 'template', 'type']],
])

export const secretTypes: Rule = {
  name: 'secret-types',
  why: 'Such a Secret is a credential for the API server that outlives every pod.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    [PATHS.get(kind) ?? []]
      .flatMap((path) => (path.length === 0 ? [] : locate(manifest, path)))
      .filter(({ value }) => TYPES.includes(textOf(value)))
      .map(({ field, value }) => ({
        field,
        words: `is ${shown(value)}: leave the Secret out, pods get tokens that end`,
      })),
}
