import { changeAt, isObject, type Json, type JsonObject, listOf, objectOf, pathOf, textOf, valuesAt } from '../json.ts'
import { groupKindOf, type Manifest } from '../manifest.ts'
import type { FamilyOf, NamedHost, Naming } from './family.ts'
import { coversBelow, isWildcard } from './host-name.ts'
import { isStripped, serversWithTls } from './istio-tls.ts'
import { following, ownHostsOf, withSpec } from './own-hosts.ts'
import { remembered } from './remembered.ts'

const isGateway = (manifest: Manifest): boolean => groupKindOf(manifest) === 'Gateway.networking.istio.io'
/** Istio: Authorization Policy, Operation. What is allowed at a host is to be allowed at the preview's. */
const isAuthorization = (manifest: Manifest): boolean =>
  groupKindOf(manifest) === 'AuthorizationPolicy.security.istio.io'
const isVirtualService = (manifest: Manifest): boolean => groupKindOf(manifest) === 'VirtualService.networking.istio.io'

/**
 * Istio: VirtualService and Gateway. The mesh's own names stay: those of a VirtualService that is bound to no Gateway,
 * names without a dot, `*.svc.*`, the foreign hosts of ServiceEntries, and what a Gateway for egress has. A wildcard at
 * one side becomes the hosts that the other names; where none does it is a wildcard for good, and `*` is refused.
 * Redirects, rewritten authorities, CORS origins and Host headers that name an own host follow.
 */
export const istio: FamilyOf = (manifests, { namespace }) => {
  const gateways = new Map(manifests.filter(isGateway).map((one) => [one.metadata.name, one]))
  const foreign = foreignHosts(manifests)
  const isOuter = (host: string) =>
    /[.*]/.test(host) && !/\.svc(\..+)?$/.test(host) && !foreign.some((entry) => coversBelow(entry, host))
  const gatewayOf = (name: string): Manifest | undefined => gateways.get(nameIn(name, namespace))
  const outerOf = (service: Manifest): readonly string[] =>
    boundTo(service).length === 0 ? [] : hostsIn(service).filter(isOuter)

  const services = new Map<Manifest, Set<string>>()
  for (const service of manifests.filter(isVirtualService)) {
    for (const gateway of boundTo(service).map(gatewayOf)) {
      if (gateway === undefined) continue
      const hosts = services.get(gateway) ?? new Set()
      for (const host of outerOf(service)) hosts.add(host)
      services.set(gateway, hosts)
    }
  }
  const namedBy = (host: string, others: ReadonlySet<string>): readonly string[] => {
    if (!isWildcard(host) || (host !== '*' && others.has(host))) return [host]
    const named = [...others].filter((other) => other !== '*' && other !== host && coversBelow(host, other))
    return named.length > 0 ? named : [host]
  }
  const offers = new Map(
    [...gateways.values()].map((gateway) => [
      gateway,
      new Set(isEgress(gateway) ? [] : hostsOfServers(gateway).filter(isOuter)),
    ]),
  )
  const serverHosts = (gateway: Manifest): ReadonlySet<string> => offers.get(gateway) ?? new Set()
  const hostsOfServer = (host: string, gateway: Manifest): readonly string[] =>
    namedBy(host, services.get(gateway) ?? new Set())
  const hostsOfService = (service: Manifest): readonly string[] => {
    const bound = boundTo(service).map(gatewayOf)
    const offered = (host: string) =>
      bound.flatMap((gateway) =>
        gateway === undefined ? [] : namedBy(host, serverHosts(gateway)).filter((one) => one !== host),
      )
    return outerOf(service).flatMap((host) => {
      const isOffered = bound.some((gateway) => gateway !== undefined && host !== '*' && serverHosts(gateway).has(host))
      const named = isWildcard(host) && !isOffered ? offered(host) : []
      return named.length > 0 ? named : [host]
    })
  }

  const renamedGateway = remembered((gateway, naming): Manifest | null => {
    if (isEgress(gateway)) return gateway
    const servers = serversIn(gateway).flatMap((server) => {
      const hosts = listOf(server.hosts).flatMap((text) => {
        const [prefix, host] = splitHost(textOf(text))
        if (!isOuter(host)) return [textOf(text)]
        return ownHostsOf(hostsOfServer(host, gateway), naming, gateway, 'spec.servers.hosts').map(
          (own) => prefix + own,
        )
      })
      return hosts.length === 0 && listOf(server.hosts).length > 0 ? [] : [{ ...server, hosts: [...new Set(hosts)] }]
    })
    if (servers.length === 0 && serversIn(gateway).length > 0) return null
    return withSpec(gateway, { ...objectOf(gateway.spec), servers: serversWithTls(servers, naming.tls) })
  })
  const isGone = (gateway: Manifest | undefined, naming: Naming) =>
    gateway !== undefined && renamedGateway(gateway, naming) === null

  const renamedService = (service: Manifest, naming: Naming): Manifest | null => {
    const spec = objectOf(service.spec)
    if (boundTo(service).length === 0) return withSpec(service, followed(spec, naming))
    const inner = hostsIn(service).filter((host) => !isOuter(host))
    const hosts = [...inner, ...ownHostsOf(hostsOfService(service), naming, service, 'spec.hosts')]
    const left = listOf(spec.gateways).filter((name) => !isGone(gatewayOf(textOf(name)), naming))
    // Without a Gateway it would be the mesh's, for which Istio takes it where `gateways` is missing.
    if (hosts.length === 0 || left.length === 0) return null
    return withSpec(
      service,
      followed(withServerNames({ ...spec, hosts, gateways: left }, service, isOuter, naming), naming),
    )
  }

  return {
    holds: (manifest) => isGateway(manifest) || isVirtualService(manifest) || isAuthorization(manifest),
    hostsOf: (manifest): readonly NamedHost[] =>
      isAuthorization(manifest)
        ? []
        : isGateway(manifest)
          ? [...serverHosts(manifest)]
              .flatMap((host) => hostsOfServer(host, manifest))
              .map((host) => ({ host, field: 'spec.servers.hosts', isAddress: false }))
          : hostsOfService(manifest).map((host) => ({ host, field: 'spec.hosts', isAddress: isSite(manifest) })),
    securedBy: (manifest) =>
      isGateway(manifest)
        ? securedHosts(manifest)
        : listOf(objectOf(manifest.spec).tls).length > 0
          ? hostsIn(manifest)
          : [],
    renamed: (manifest, naming) =>
      isAuthorization(manifest)
        ? withSpec(manifest, followed(manifest.spec ?? null, naming))
        : isGateway(manifest)
          ? renamedGateway(manifest, naming)
          : renamedService(manifest, naming),
  }
}

const serversIn = (gateway: Manifest): readonly JsonObject[] => listOf(objectOf(gateway.spec).servers).filter(isObject)
const hostsIn = (service: Manifest): readonly string[] =>
  listOf(objectOf(service.spec).hosts).map((host) => textOf(host).toLowerCase())

/** The Gateways that a VirtualService is bound to, beside the mesh. */
const boundTo = (service: Manifest): readonly string[] =>
  listOf(objectOf(service.spec).gateways)
    .map(textOf)
    .filter((name) => name !== 'mesh')

const isSite = ({ spec }: Manifest): boolean =>
  listOf(objectOf(spec).http).length > 0 || listOf(objectOf(spec).tls).length > 0

const securedHosts = (gateway: Manifest): readonly string[] =>
  serversIn(gateway)
    .filter(({ tls }) => tls !== undefined && objectOf(tls).mode !== undefined && !isStripped(objectOf(tls)))
    .flatMap(({ hosts }) => listOf(hosts).map((host) => splitHost(textOf(host))[1]))

const hostsOfServers = (gateway: Manifest): readonly string[] =>
  serversIn(gateway).flatMap(({ hosts }) => listOf(hosts).map((host) => splitHost(textOf(host))[1]))

/** Istio: Gateway, Server.hosts. `namespace/host`: the VirtualServices of a namespace; they are in the preview's by now. */
function splitHost(text: string): readonly [prefix: string, host: string] {
  const slash = text.indexOf('/')
  const place = text.slice(0, Math.max(0, slash))
  return [slash < 0 ? '' : place === '*' ? '*/' : './', text.slice(slash + 1).toLowerCase()]
}

/** Istio: VirtualService, gateways. A name, `namespace/name`, or the older `name.namespace.svc.cluster.local`. */
function nameIn(gateway: string, namespace: string): string {
  const slashed = gateway.startsWith(`${namespace}/`) ? gateway.slice(namespace.length + 1) : gateway
  const dotted = `.${namespace}.svc`
  return slashed.includes(dotted) ? slashed.slice(0, slashed.indexOf(dotted)) : slashed
}

/** Istio: Egress Gateways. By the label of the pods that Istio's own charts install. */
const isEgress = (gateway: Manifest): boolean => /egress/.test(textOf(objectOf(objectOf(gateway.spec).selector).istio))

/** Istio: ServiceEntry, location. MESH_EXTERNAL where it is not said. */
const foreignHosts = (manifests: readonly Manifest[]): readonly string[] =>
  manifests
    .filter((one) => groupKindOf(one) === 'ServiceEntry.networking.istio.io')
    .filter(({ spec }) => objectOf(spec).location !== 'MESH_INTERNAL')
    .flatMap((one) => valuesAt(one, pathOf('spec.hosts.*')).map(textOf))

/** Istio: TLSMatchAttributes, sniHosts. They have to be among the VirtualService's hosts; of a wildcard all of these. */
const withServerNames = (
  spec: JsonObject,
  service: Manifest,
  isOuter: (host: string) => boolean,
  naming: Naming,
): Json =>
  changeAt(spec, pathOf('tls.*.match.*.sniHosts'), (names) => {
    const own = (host: string): readonly Json[] =>
      isWildcard(host)
        ? listOf(spec.hosts)
        : isOuter(host)
          ? ownHostsOf([host], naming, service, 'spec.tls.match.sniHosts')
          : [host]
    return [...new Set(listOf(names).map(textOf).flatMap(own))]
  })

const FOLLOWED = [
  'rules.*.to.*.operation.hosts.*',
  'rules.*.to.*.operation.notHosts.*',
  'http.*.redirect.authority',
  'http.*.rewrite.authority',
  'http.*.corsPolicy.allowOrigin.*',
  'http.*.corsPolicy.allowOrigins.*.exact',
  'http.*.match.*.authority.exact',
  'http.*.match.*.authority.prefix',
  'http.*.headers.request.set.host',
  'http.*.headers.request.set.Host',
  'http.*.headers.request.set.:authority',
  'http.*.route.*.headers.request.set.host',
  'http.*.route.*.headers.request.set.Host',
].map(pathOf)

const followed = (spec: Json, naming: Naming): Json =>
  FOLLOWED.reduce((inner: Json, path) => changeAt(inner, path, following(naming)), spec)
