import { objectOf, textOf } from '../../manifests/json.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import { locate } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * cert-manager: Certificate. A SPIFFE identity is a URI in one; a CA may sign for any host; a literal subject may name any,
 * where hosts have been made the preview's own.
 */
const FIELDS = [['isCA'], ['uris'], ['emailAddresses'], ['otherNames'], ['literalSubject'], ['ipAddresses']]

/** cert-manager, External Issuers: their kinds are called so as well, such as AWSPCAClusterIssuer. */
const isForCluster = ({ spec }: Manifest): boolean =>
  textOf(objectOf(objectOf(spec).issuerRef).kind).endsWith('ClusterIssuer')

export const certificateAuthorities: Rule = {
  name: 'certificate-authorities',
  why: 'Signed by an issuer of the cluster, they make the preview pass for anybody.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind === 'Certificate.cert-manager.io' && isForCluster(manifest)
      ? FIELDS.flatMap((path) => locate(manifest, ['spec', ...path]))
          .filter(({ value }) => value !== false && !(Array.isArray(value) && value.length === 0))
          .map(({ field }) => ({
            field,
            words: 'is not for an issuer of the whole cluster to sign: use an Issuer of the app’s own',
          }))
      : [],
}
