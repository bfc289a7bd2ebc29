import { type JsonObject, objectOf, textOf, without } from '../json.ts'
import { groupKindOf, type Manifest } from '../manifest.ts'
import type { Family, NamedHost, Naming } from './family.ts'
import { specWith } from './own-hosts.ts'

/** OpenShift: Route, wildcardPolicy. A Route of `www.example.com` with this answers for all of `*.example.com`. */
const isSubdomain = (spec: JsonObject): boolean => spec.wildcardPolicy === 'Subdomain'

/**
 * OpenShift: Route. A Route without a host gets one of its name and namespace, which are the preview's already. What
 * stands in `subdomain` is a host without the router's domain. With wildcardPolicy Subdomain the host is a wildcard.
 * `tls: strip` takes TLS off where the router ends it (edge): with passthrough and reencrypt the app itself speaks TLS,
 * so they stay. A Secret by name becomes the externalCertificate of edge and reencrypt.
 */
export const openshiftRoute = (): Family => ({
  holds: (manifest) => groupKindOf(manifest) === 'Route.route.openshift.io',
  hostsOf,
  securedBy: (manifest) => (objectOf(manifest.spec).tls === undefined ? [] : hostsOf(manifest).map(({ host }) => host)),
  renamed: (manifest, naming) => {
    const spec = objectOf(manifest.spec)
    const tls = spec.tls === undefined ? {} : tlsOf(objectOf(spec.tls), naming)
    const [named] = hostsOf(manifest)
    if (named === undefined) return { ...manifest, spec: { ...without(spec, ['tls']), ...tls } }
    const own = naming.own(named.host, manifest, named.field)
    if (own === null) return null
    const host = named.field === 'spec.subdomain' ? { subdomain: own } : { host: hostBelow(own, spec) }
    return { ...manifest, spec: { ...without(specWith(manifest, host), ['tls']), ...tls } }
  },
})

function hostsOf(manifest: Manifest): readonly NamedHost[] {
  const spec = objectOf(manifest.spec)
  const [host, subdomain] = [textOf(spec.host), textOf(spec.subdomain)]
  if (host !== '') return [{ host: isSubdomain(spec) ? wildcardOf(host) : host, field: 'spec.host', isAddress: true }]
  return subdomain === '' ? [] : [{ host: subdomain, field: 'spec.subdomain', isAddress: false }]
}

const wildcardOf = (host: string): string => `*.${host.slice(host.indexOf('.') + 1)}`

/** The first label says nothing where a Route answers for all of its domain, and stays. */
const hostBelow = (own: string, spec: JsonObject): string =>
  own.startsWith('*.') ? `${textOf(spec.host).split('.')[0]}${own.slice(1)}` : own

const INLINE = ['certificate', 'key', 'caCertificate', 'externalCertificate']

function tlsOf(tls: JsonObject, naming: Naming): JsonObject {
  if (naming.tls === 'keep' || tls.termination === 'passthrough') return { tls }
  if (naming.tls === 'strip') return tls.termination === 'edge' ? {} : { tls }
  return { tls: { ...without(tls, INLINE), externalCertificate: { name: naming.tls.secret } } }
}
