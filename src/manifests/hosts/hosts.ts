import type { Manifest } from '../manifest.ts'
import type { Transform } from '../transform.ts'
import { familiesOf, namedHostsOf } from './families.ts'
import { namingOf } from './preview-host.ts'

/**
 * Gives every host for which the app's objects answer, or for which they ask DNS or a certificate, the preview's own
 * form, with TLS as it is set. What the author does not expose goes, and with it what has nothing left.
 * @throws {Terminal} a wildcard, where these are refused; what is no host; two hosts that would become one; a host to
 * expose that there is not
 */
export const renameHosts: Transform = (manifests, target) => {
  const families = familiesOf(manifests, target)
  const naming = namingOf(namedHostsOf(manifests, families), target)
  return manifests.flatMap((manifest) => {
    const holding = families.filter(({ holds }) => holds(manifest))
    const renamed = holding.reduce<Manifest | null>((made, family) => made && family.renamed(made, naming), manifest)
    return renamed === null ? [] : [renamed]
  })
}
