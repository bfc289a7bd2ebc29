import { changeAt, isObject, type Json, type JsonObject, listOf, objectOf, pathOf, textOf, valuesAt } from '../json.ts'
import { groupOf, type Manifest } from '../manifest.ts'
import type { FamilyOf, NamedHost, Naming } from './family.ts'
import {
  type AttachedRoute,
  endsTls,
  hostsOfListener,
  type Listeners,
  listenersIn,
  ownListeners,
} from './gateway-listeners.ts'
import { coversBelow, isWildcard } from './host-name.ts'
import { following, ownHostsOf, withSpec } from './own-hosts.ts'
import { remembered } from './remembered.ts'

const GROUP = 'gateway.networking.k8s.io'
const GATEWAYS = ['Gateway', 'ListenerSet', 'XListenerSet']
const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute']

/**
 * Gateway API: HTTPRoute, GRPCRoute, TLSRoute, Gateway and ListenerSet. Routes and listeners go on fitting each other:
 * see gateway-listeners.ts for the listeners. A wildcard of a route becomes the hosts of its listeners where all of them
 * name one. Redirects, rewrites, CORS origins and Host headers that name an own host follow.
 *
 * A route without hosts answers for every host of its listeners. At the bundle's own Gateway that is the preview's own
 * affair; at another's, as with an Ingress' rule without a host, it stays as it is and is for the policy to refuse.
 * Routes of Services (GAMMA) have no hosts from outside.
 */
export const gatewayApi: FamilyOf = (manifests, { namespace }) => {
  const gateways = new Map(manifests.filter(isGateway).map((one) => [identityOf(one.kind, one.metadata.name), one]))
  const ownGatewayOf = (ref: JsonObject): Manifest | undefined =>
    ['', namespace].includes(textOf(ref.namespace))
      ? gateways.get(identityOf(textOf(ref.kind) || 'Gateway', textOf(ref.name)))
      : undefined
  const attached = new Map<Manifest, AttachedRoute[]>()
  for (const route of manifests.filter(isRoute)) {
    for (const ref of parentsOf(route)) {
      const gateway = ownGatewayOf(ref)
      if (gateway === undefined) continue
      const routes = attached.get(gateway) ?? []
      routes.push({ hostnames: hostnamesOf(route), section: textOf(ref.sectionName) })
      attached.set(gateway, routes)
    }
  }
  const routesOf = (gateway: Manifest): readonly AttachedRoute[] => attached.get(gateway) ?? []
  const listenersOf = remembered((gateway, naming) => ownListeners(gateway, routesOf(gateway), naming))

  const gatewayHosts = (gateway: Manifest): readonly NamedHost[] =>
    listenersIn(gateway).flatMap((listener) => {
      const isSite =
        textOf(listener.protocol).startsWith('HTTP') &&
        routesOf(gateway).some(({ hostnames }) => hostnames.length === 0)
      return hostsOfListener(listener, routesOf(gateway))
        .filter((host) => host !== '')
        .map((host) => ({ host, field: 'spec.listeners.hostname', isAddress: isSite }))
    })
  const routeHosts = (route: Manifest): readonly NamedHost[] => {
    const isAddress = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'].includes(route.kind)
    return narrowed(route).map((host) => ({ host, field: 'spec.hostnames', isAddress }))
  }

  /** The listeners that a route is at, as they stand; null where some are not in the bundle. */
  const listenersAt = (route: Manifest): readonly JsonObject[] | null => {
    const found = parentsOf(route).map((ref) => {
      const gateway = ownGatewayOf(ref)
      return gateway === undefined ? null : listenersIn(gateway).filter(({ name }) => isSection(ref, name ?? null))
    })
    return found.length === 0 || found.includes(null) ? null : found.flatMap((some) => some ?? [])
  }
  const narrowed = (route: Manifest): readonly string[] => {
    const listeners = listenersAt(route) ?? []
    const names = listeners.map(({ hostname }) => textOf(hostname))
    const isNarrow = names.length > 0 && names.every((name) => name !== '' && !isWildcard(name))
    return hostnamesOf(route).flatMap((host) => {
      const covered = isNarrow && isWildcard(host) ? names.filter((name) => coversBelow(host, name)) : []
      return covered.length > 0 ? covered : [host]
    })
  }

  const renamedRoute = (route: Manifest, naming: Naming): Manifest | null => {
    const spec = objectOf(route.spec)
    const hostnames = ownHostsOf(narrowed(route), naming, route, 'spec.hostnames')
    if (hostnames.length === 0 && hostnamesOf(route).length > 0) return null
    const parents = listOf(spec.parentRefs).flatMap((ref): readonly Json[] => {
      const gateway = isObject(ref) ? ownGatewayOf(ref) : undefined
      return isObject(ref) && gateway !== undefined
        ? parentsNow(ref, listenersOf(gateway, naming), hostnames, route)
        : [ref]
    })
    if (parents.length === 0 && listOf(spec.parentRefs).length > 0) return null
    const named = {
      ...spec,
      ...(hostnames.length === 0 ? {} : { hostnames }),
      ...(spec.parentRefs === undefined ? {} : { parentRefs: parents }),
    }
    return withSpec(route, followed(named, naming))
  }

  return {
    holds: (manifest) => isGateway(manifest) || isRoute(manifest),
    hostsOf: (manifest) =>
      isGateway(manifest) ? gatewayHosts(manifest) : isMesh(manifest) ? [] : routeHosts(manifest),
    securedBy: (manifest) =>
      isGateway(manifest)
        ? listenersIn(manifest)
            .filter(endsTls)
            .flatMap((listener) => securedAt(listener, routesOf(manifest)))
        : manifest.kind === 'TLSRoute' ||
            parentsOf(manifest).some((ref) => ownGatewayOf(ref) === undefined && isSecureRef(ref))
          ? hostnamesOf(manifest)
          : [],
    renamed: (manifest, naming) => {
      if (!isGateway(manifest)) return isMesh(manifest) ? manifest : renamedRoute(manifest, naming)
      const { list } = listenersOf(manifest, naming)
      if (list.length === 0 && listenersIn(manifest).length > 0) return null
      return list.length === 0 ? manifest : { ...manifest, spec: { ...objectOf(manifest.spec), listeners: list } }
    },
  }
}

const isGateway = (manifest: Manifest): boolean =>
  GATEWAYS.includes(manifest.kind) && /^gateway\.networking\.(x-)?k8s\.io$/.test(groupOf(manifest))

const isRoute = (manifest: Manifest): boolean => ROUTES.includes(manifest.kind) && groupOf(manifest) === GROUP

const identityOf = (kind: string, name: string): string => `${kind} ${name}`

const parentsOf = (route: Manifest): readonly JsonObject[] => listOf(objectOf(route.spec).parentRefs).filter(isObject)

/** Gateway API: GAMMA. All of its parents are Services. */
const isMesh = (route: Manifest): boolean =>
  parentsOf(route).length > 0 && parentsOf(route).every(({ kind }) => kind === 'Service' || kind === 'ServiceEntry')

const hostnamesOf = (route: Manifest): readonly string[] =>
  listOf(objectOf(route.spec).hostnames)
    .map((host) => textOf(host).toLowerCase())
    .filter((host) => host !== '')

const isSection = ({ sectionName }: JsonObject, name: Json): boolean =>
  textOf(sectionName) === '' || sectionName === name

/** Of a Gateway that is not in the bundle only the reference is known. */
const isSecureRef = ({ port, sectionName }: JsonObject): boolean =>
  port === 443 || /https|tls|secure/i.test(textOf(sectionName))

const securedAt = (listener: JsonObject, routes: readonly AttachedRoute[]): readonly string[] =>
  listener.hostname === undefined || isWildcard(textOf(listener.hostname))
    ? routes
        .filter(({ section }) => section === '' || section === listener.name)
        .flatMap(({ hostnames }) => hostnames)
        .filter((host) => listener.hostname === undefined || coversBelow(textOf(listener.hostname), host))
    : [textOf(listener.hostname)]

/** The references that take the place of one: a listener that became several is named as each that fits the route. */
function parentsNow(
  ref: JsonObject,
  { list, sections, replaced }: Listeners,
  hostnames: readonly string[],
  route: Manifest,
): readonly JsonObject[] {
  const section = textOf(ref.sectionName)
  if (section === '') return list.length === 0 ? [] : [ref]
  const now = sections.get(section)
  if (now === undefined) return [ref]
  const fits = ({ hostname }: JsonObject) =>
    hostname === undefined ||
    hostnames.length === 0 ||
    hostnames.some((host) => coversBelow(textOf(hostname), host) || coversBelow(host, textOf(hostname)))
  // What only sends visitors on to TLS would send them to itself at the listener that has the plain one's place.
  if (replaced.has(section) && !hasBackends(route)) return []
  return now.filter(fits).map(({ name = null, port = null }) => ({
    ...ref,
    sectionName: name,
    ...(ref.port === undefined ? {} : { port }),
  }))
}

const hasBackends = (route: Manifest): boolean => valuesAt(route, pathOf('spec.rules.*.backendRefs.*')).length > 0

const FILTERS = ['rules.*.filters.*', 'rules.*.backendRefs.*.filters.*']
const FOLLOWED = [
  ...FILTERS.flatMap((filters) =>
    ['requestRedirect.hostname', 'urlRewrite.hostname', 'cors.allowOrigins.*'].map((field) =>
      pathOf(`${filters}.${field}`),
    ),
  ),
]
const HEADERS = [
  ...FILTERS.map((filters) => pathOf(`${filters}.requestHeaderModifier.set.*`)),
  pathOf('rules.*.matches.*.headers.*'),
]

function followed(spec: JsonObject, naming: Naming): Json {
  const named = FOLLOWED.reduce((inner: Json, path) => changeAt(inner, path, following(naming)), spec)
  return HEADERS.reduce(
    (inner: Json, path) =>
      changeAt(inner, path, (header) =>
        isObject(header) && textOf(header.name).toLowerCase() === 'host'
          ? changeAt(header, ['value'], following(naming))
          : header,
      ),
    named,
  )
}
