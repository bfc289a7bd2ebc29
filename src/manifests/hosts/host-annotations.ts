import { type Json, textOf } from '../json.ts'
import { annotationsOf, type Manifest, withAnnotations } from '../manifest.ts'
import { isDnsAnnotation } from './external-dns.ts'
import type { Family, Naming } from './family.ts'
import { hostsInList } from './host-name.ts'
import { ownHostsOf } from './own-hosts.ts'

/** ingress-nginx: Annotations, server-alias. The Ingress answers for these as for the hosts of its rules. */
const isAlias = (key: string): boolean => key === 'nginx.ingress.kubernetes.io/server-alias'

/** cert-manager: Annotated Ingress resource. What a certificate is asked for beside the hosts of TLS. */
const isCertificateName = (key: string): boolean => /^cert-manager\.io\/(common-name|alt-names)$/.test(key)

/** cert-manager: Annotated Ingress resource; `kubernetes.io/tls-acme` is the older way to ask for the same. */
const asksForCertificate = (key: string): boolean => /^cert-manager\.io\/|^kubernetes\.io\/tls-acme$/.test(key)

const isExposing = (key: string): boolean => isAlias(key) || isDnsAnnotation(key)

/**
 * Hosts in annotations, on whatever kind: those of DNS records, aliases and certificates are the preview's; in all
 * others the app's own hosts, where one is named, have the preview's form. Where TLS is stripped or one Secret serves
 * all, nothing asks cert-manager for another certificate.
 */
export const hostAnnotations = (): Family => ({
  holds: (manifest) => Object.keys(annotationsOf(manifest)).length > 0,
  hostsOf: (manifest) =>
    Object.entries(annotationsOf(manifest))
      .filter(([key]) => isExposing(key))
      .flatMap(([key, value]) =>
        hostsInList(textOf(value)).map((host) => ({ host, field: `metadata.annotations["${key}"]`, isAddress: false })),
      ),
  securedBy: () => [],
  renamed: (manifest, naming) => {
    const before = annotationsOf(manifest)
    const after = Object.entries(before).flatMap(([key, value]): readonly [string, Json][] => {
      const changed = annotationOf(key, value, manifest, naming)
      return changed === null ? [] : [[key, changed]]
    })
    const isSame = after.length === Object.keys(before).length && after.every(([key, value]) => before[key] === value)
    return isSame ? manifest : withAnnotations(manifest, Object.fromEntries(after))
  },
})

/** What becomes of one annotation, null where it goes. */
function annotationOf(key: string, value: Json, manifest: Manifest, naming: Naming): Json {
  if (typeof value !== 'string') return value
  if (naming.tls !== 'keep' && asksForCertificate(key)) return null
  if (!isExposing(key) && !isCertificateName(key)) return naming.follow(value)
  const hosts = hostsInList(value)
  if (hosts.length === 0) return value
  return ownHostsOf(hosts, naming, manifest, `metadata.annotations["${key}"]`).join(',') || null
}
