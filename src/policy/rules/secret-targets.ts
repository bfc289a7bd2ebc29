import { locate } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** External Secrets: Targeting Custom Resources. */
export const secretTargets: Rule = {
  name: 'secret-targets',
  why: 'The controller makes an object of any kind of it, with its own rights, that nobody has looked at.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    (kind === 'ExternalSecret.external-secrets.io' ? locate(manifest, ['spec', 'target', 'manifest']) : []).map(
      ({ field }) => ({ field, words: 'makes an object of another kind than Secret: leave it out' }),
    ),
}
