import { Terminal } from '../../domain/errors.ts'
import { isIngress } from '../../manifests/hosts/ingress.ts'
import { namesItsHosts, parseRule } from '../../manifests/hosts/traefik-rule.ts'
import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from '../../manifests/json.ts'
import { groupKindOf, type Manifest } from '../../manifests/manifest.ts'
import { below, locate } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'

const ROUTES = ['GRPCRoute', 'HTTPRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map(
  (kind) => `${kind}.gateway.networking.k8s.io`,
)
const TRAEFIK = /^IngressRoute(TCP|UDP)?\.traefik\.(io|containo\.us)$/

/** Whoever answers for every host answers for the siblings, too, wherever a controller is shared. */
export const catchAllHosts: Rule = {
  name: 'catch-all-hosts',
  why: 'At a shared controller it takes what is meant for others.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => {
    if (isIngress(subject.manifest)) return ingressBreaches(subject)
    if (ROUTES.includes(subject.kind)) return routeBreaches(subject)
    if (subject.kind === 'ListenerSet.gateway.networking.k8s.io') return listenerBreaches(subject)
    if (TRAEFIK.test(subject.kind)) return traefikBreaches(subject)
    return istioBreaches(subject)
  },
}

const EVERY_HOST = 'answers for every host: name the host'
const isEvery = (host: string): boolean => host === '' || host === '*' || /^[^/]*\/\*$/.test(host)

const ingressBreaches = ({ manifest }: Subject): readonly Breach[] => [
  ...['defaultBackend', 'backend']
    .flatMap((name) => locate(manifest, ['spec', name]))
    .map(({ field }) => ({ field, words: 'answers for every host: make it a rule with a host' })),
  ...locate(manifest, ['spec', 'rules', '*'])
    .filter(({ value }) => isEvery(textOf(objectOf(value).host)))
    .map(({ field }) => ({ field: below(field, 'host'), words: EVERY_HOST })),
]

/** A route takes the hosts of its Gateway, and of one without hosts all; a Service as parent has none. */
function routeBreaches({ manifest, bundle, context }: Subject): readonly Breach[] {
  const spec = objectOf(manifest.spec)
  const hasHosts = listOf(spec.hostnames).some((host) => !isEvery(textOf(host)))
  if (hasHosts && !listOf(spec.hostnames).some((host) => isEvery(textOf(host)))) return []
  const isOwn = (ref: Json): boolean =>
    isObject(ref) && (ref.kind === 'Service' || bundle.some((other) => isParent(other, ref, context.namespace)))
  return locate(manifest, ['spec', 'parentRefs', '*'])
    .filter(({ value }) => !isOwn(value))
    .map(({ field }) => ({
      field,
      words: `is a Gateway that is not among the app’s objects, where a route without hostnames ${EVERY_HOST}`,
    }))
}

const isParent = (other: Manifest, { kind, name, namespace }: JsonObject, own: string): boolean =>
  groupKindOf(other) === `${textOf(kind) || 'Gateway'}.gateway.networking.k8s.io` &&
  other.metadata.name === name &&
  ['', own].includes(textOf(namespace))

/** Gateway API, ListenerSet: it adds listeners to a Gateway that others use, too; one without a host is for all hosts. */
const listenerBreaches = ({ manifest, bundle, context }: Subject): readonly Breach[] => {
  const parent = objectOf(objectOf(manifest.spec).parentRef)
  if (bundle.some((other) => isParent(other, parent, context.namespace))) return []
  return locate(manifest, ['spec', 'listeners', '*'])
    .filter(({ value }) => isEvery(textOf(objectOf(value).hostname)))
    .map(({ field }) => ({ field: below(field, 'hostname'), words: EVERY_HOST }))
}

/** Traefik: Routers, Rule: without Host, HostRegexp or HostSNI a rule is for all hosts. UDP has no hosts at all. */
const traefikBreaches = ({ kind, manifest }: Subject): readonly Breach[] =>
  locate(manifest, ['spec', 'routes', '*']).flatMap(({ field, value }) => {
    // Traefik: IngressRoute, Multi-layer routing: a child takes only what its parents' rules let through.
    if (kind.startsWith('IngressRoute.') && listOf(objectOf(manifest.spec).parentRefs).length > 0) return []
    const match = textOf(objectOf(value).match)
    if (kind.startsWith('IngressRouteUDP'))
      return [{ field, words: 'takes all of an entry point that others use, too: leave it out' }]
    const isOpen = /\(\s*[`'"](\*|\.\*|\.\+|\^?\.[*+]\$?)[`'"]\s*\)/.test(match)
    return !isOpen && isNamed(match) ? [] : [{ field: below(field, 'match'), words: EVERY_HOST }]
  })

/** A rule that can't be read is taken for the worst. */
function isNamed(match: string): boolean {
  try {
    return namesItsHosts(parseRule(match, 'match'))
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    return false
  }
}

function istioBreaches({ kind, manifest }: Subject): readonly Breach[] {
  const paths: Readonly<Record<string, readonly (readonly string[])[]>> = {
    'Gateway.networking.istio.io': [['spec', 'servers', '*', 'hosts', '*']],
    'VirtualService.networking.istio.io': [['spec', 'hosts', '*']],
    'HTTPProxy.projectcontour.io': [['spec', 'virtualhost', 'fqdn']],
  }
  // Istio, ServerTLSSettings: the host that a client names is where it gets, whichever Service of the mesh that is.
  const passing =
    kind === 'Gateway.networking.istio.io' ? locate(manifest, ['spec', 'servers', '*', 'tls', 'mode']) : []
  return [
    ...(paths[kind] ?? [])
      .flatMap((path) => locate(manifest, path))
      .filter(({ value }) => isEvery(textOf(value)))
      .map(({ field }) => ({ field, words: EVERY_HOST })),
    ...passing
      .filter(({ value }) => value === 'AUTO_PASSTHROUGH')
      .map(({ field }) => ({ field, words: 'lets clients reach every Service of the mesh: use another mode' })),
  ]
}
