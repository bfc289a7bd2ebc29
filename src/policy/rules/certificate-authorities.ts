import { objectOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** cert-manager: Certificate. A SPIFFE identity is a URI in one; a CA may sign for any host. */
const FIELDS = [['isCA'], ['uris'], ['emailAddresses'], ['otherNames']]

export const certificateAuthorities: Rule = {
  name: 'certificate-authorities',
  why: 'Signed by an issuer of the cluster, they make the preview pass for anybody.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind === 'Certificate.cert-manager.io' && objectOf(objectOf(manifest.spec).issuerRef).kind === 'ClusterIssuer'
      ? FIELDS.flatMap((path) => locate(manifest, ['spec', ...path]))
          .filter(({ value }) => value !== false && !(Array.isArray(value) && value.length === 0))
          .map(({ field }) => ({
            field,
            words: 'is not for an issuer of the whole cluster to sign: use an Issuer of the app’s own',
          }))
      : [],
}
