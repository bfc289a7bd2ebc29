import { changeAt, isObject, type Json, type JsonObject, objectOf, pathOf, textOf, without } from '../json.ts'
import { groupKindOf } from '../manifest.ts'
import type { Family, Naming } from './family.ts'
import { following, withSpec } from './own-hosts.ts'

/**
 * Contour: HTTPProxy. Only a root has a host, `virtualhost.fqdn`; what it includes answers below it. Redirects, CORS
 * origins and Host headers that name an own host follow. `tls: strip` takes `virtualhost.tls` off, but for TLS that is
 * passed through and for TCP, which Contour does not route without it.
 */
export const contour = (): Family => ({
  holds: (manifest) => groupKindOf(manifest) === 'HTTPProxy.projectcontour.io',
  hostsOf: (manifest) => {
    const host = textOf(hostOf(objectOf(manifest.spec)).fqdn)
    // What Contour passes on as TLS is a site with a certificate of its own more often than not; other TCP is no site.
    const isAddress = !hasTcp(objectOf(manifest.spec)) || isPassedThrough(objectOf(manifest.spec))
    return host === '' ? [] : [{ host, field: 'spec.virtualhost.fqdn', isAddress }]
  },
  securedBy: (manifest) => {
    const { fqdn, tls } = hostOf(objectOf(manifest.spec))
    return tls === undefined ? [] : [textOf(fqdn)]
  },
  renamed: (manifest, naming) => {
    const spec = objectOf(manifest.spec)
    const fqdn = textOf(hostOf(spec).fqdn)
    const own = fqdn === '' ? '' : naming.own(fqdn, manifest, 'spec.virtualhost.fqdn')
    if (own === null) return null
    const named = own === '' ? spec : { ...spec, virtualhost: withTls(spec, own, naming) }
    return withSpec(
      manifest,
      FOLLOWED.reduce((inner: Json, path) => changeAt(inner, path, following(naming)), withHeaders(named, naming)),
    )
  },
})

const hostOf = (spec: JsonObject): JsonObject => objectOf(spec.virtualhost)
const hasTcp = (spec: JsonObject): boolean => spec.tcpproxy !== undefined
const isPassedThrough = (spec: JsonObject): boolean => objectOf(hostOf(spec).tls).passthrough === true

const FOLLOWED = ['spec.virtualhost.corsPolicy.allowOrigin.*', 'spec.routes.*.requestRedirectPolicy.hostname'].map(
  (path) => pathOf(path).slice(1),
)

const HEADERS = ['routes.*', 'routes.*.services.*', 'tcpproxy.services.*'].map((path) =>
  pathOf(`${path}.requestHeadersPolicy.set.*`),
)

const withHeaders = (spec: JsonObject, naming: Naming): Json =>
  HEADERS.reduce(
    (inner: Json, path) =>
      changeAt(inner, path, (header) => {
        if (!isObject(header) || textOf(header.name).toLowerCase() !== 'host') return header
        const value = naming.follow(textOf(header.value))
        return value === header.value ? header : { ...header, value }
      }),
    spec,
  )

function withTls(spec: JsonObject, fqdn: string, naming: Naming): JsonObject {
  const host: JsonObject = { ...hostOf(spec), fqdn }
  if (naming.tls === 'keep' || host.tls === undefined || isPassedThrough(spec)) return host
  if (naming.tls === 'strip') return hasTcp(spec) ? host : without(host, ['tls'])
  return { ...host, tls: { ...objectOf(host.tls), secretName: naming.tls.secret } }
}
