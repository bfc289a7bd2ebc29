/** Gateway API: Gateway and ListenerSet. What becomes of their listeners, and of the sections that routes name. */
import { Terminal } from '../../domain/errors.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf, without } from '../json.ts'
import { type Manifest, objectName } from '../manifest.ts'
import type { Naming } from './family.ts'
import { coversBelow, isWildcard } from './host-name.ts'
import { ownHostsOf } from './own-hosts.ts'

/** Gateway API: Gateway, listeners: at most 64 of them. */
const LISTENERS_MAX = 64

/** A route as a listener sees it. */
export interface AttachedRoute {
  /** As they stand in the manifests; none: every host of the listener. */
  readonly hostnames: readonly string[]
  /** The listener that it names, '' where it takes all of them. */
  readonly section: string
}

export interface Listeners {
  readonly list: readonly JsonObject[]
  /** Former listener -> those that have its place; none where it went. */
  readonly sections: ReadonlyMap<string, readonly JsonObject[]>
  /** Former plain listeners whose place one has that was an HTTPS listener. */
  readonly replaced: ReadonlySet<string>
}

export const listenersIn = (gateway: Manifest): readonly JsonObject[] =>
  listOf(objectOf(gateway.spec).listeners).filter(isObject)

/** Whether the listener ends TLS itself: HTTPS, and TLS that is not passed through. */
export const endsTls = (listener: JsonObject): boolean =>
  ['HTTPS', 'TLS'].includes(textOf(listener.protocol)) && objectOf(listener.tls).mode !== 'Passthrough'

/**
 * The listeners with the preview's hosts. A listener without a hostname stays: its Gateway is the preview's own. A
 * wildcard becomes one listener for each host of the routes that it covers, since the preview's Gateway is not to take
 * all of a domain that others use; only where a route has no host, or there is none, is it a wildcard for good.
 */
export function ownListeners(gateway: Manifest, routes: readonly AttachedRoute[], naming: Naming): Listeners {
  const taken = new Map<string, JsonObject>()
  const placeOf = (listener: JsonObject) => `${listener.port} ${listener.protocol} ${textOf(listener.hostname)}`
  const sections = new Map<string, readonly JsonObject[]>()
  const listeners = listenersIn(gateway)
  refuseMany(gateway, listeners)
  const names = new Set(listeners.map(({ name }) => textOf(name)))
  // Listeners that name their host come first: a wildcard takes only what they leave.
  const inTurn = [...listeners].sort(
    (a, b) => Number(isWildcard(textOf(a.hostname))) - Number(isWildcard(textOf(b.hostname))),
  )
  for (const listener of inTurn) {
    const made = hostsOfListener(listener, routes).flatMap((host) =>
      host === ''
        ? [listener]
        : ownHostsOf([host], naming, gateway, 'spec.listeners.hostname').map((hostname) => ({ ...listener, hostname })),
    )
    let isNamed = false
    const placed = made.map((one) => {
      const there = taken.get(placeOf(one))
      if (there !== undefined) return there
      const name = isNamed ? freeName(textOf(listener.name), names) : textOf(listener.name)
      isNamed = true
      const named = { ...one, name }
      taken.set(placeOf(one), named)
      return named
    })
    sections.set(textOf(listener.name), placed)
  }
  const list = [...new Set(listeners.flatMap(({ name }) => sections.get(textOf(name)) ?? []))]
  refuseMany(gateway, list)
  return withTls(list, sections, naming)
}

function refuseMany(gateway: Manifest, listeners: readonly JsonObject[]): void {
  if (listeners.length <= LISTENERS_MAX) return
  throw new Terminal(
    `${objectName(gateway)}: spec.listeners: ${listeners.length} of them, with one for each host of a wildcard; a Gateway has at most ${LISTENERS_MAX}`,
  )
}

function freeName(name: string, names: Set<string>): string {
  for (let nth = 2; ; nth++) {
    const free = `${name.slice(0, 240)}-${nth}`
    if (names.has(free)) continue
    names.add(free)
    return free
  }
}

/** The hosts that a listener has to answer for, as they stand in the manifests. */
export function hostsOfListener(listener: JsonObject, routes: readonly AttachedRoute[]): readonly string[] {
  const hostname = textOf(listener.hostname).toLowerCase()
  if (!isWildcard(hostname)) return [hostname]
  const attached = routes.filter(({ section }) => section === '' || section === textOf(listener.name))
  const covered = attached.flatMap(({ hostnames }) => hostnames.filter((host) => coversBelow(hostname, host)))
  const isOpen = covered.length === 0 || attached.some(({ hostnames }) => hostnames.length === 0)
  return [...new Set([...covered, ...(isOpen ? [hostname] : [])])]
}

/**
 * `strip`: an HTTPS listener becomes a plain one at port 80 (443) or at its own port, and takes the place of a plain one
 * for the same host, which as a rule only sends visitors on to it. TLS listeners stay: TLSRoutes need the server name of
 * TLS. A Secret by name takes the place of every certificate.
 */
function withTls(list: readonly JsonObject[], sections: Listeners['sections'], { tls }: Naming): Listeners {
  if (tls === 'keep') return { list, sections, replaced: new Set() }
  const changed = new Map(list.map((listener) => [listener, endsTls(listener) ? retold(listener, tls) : listener]))
  const now = (listener: JsonObject): JsonObject => changed.get(listener) ?? listener
  const isPlainedFrom = (one: JsonObject, other: JsonObject) =>
    now(one) !== one &&
    now(one).protocol === 'HTTP' &&
    other.protocol === 'HTTP' &&
    other.port === now(one).port &&
    other.hostname === one.hostname
  const gone = new Set(list.filter((plain) => list.some((one) => isPlainedFrom(one, plain))))
  return {
    list: list.filter((listener) => !gone.has(listener)).map(now),
    sections: new Map(
      [...sections].map(([name, made]) => [
        name,
        made.map((one) => now(list.find((https) => gone.has(one) && isPlainedFrom(https, one)) ?? one)),
      ]),
    ),
    replaced: new Set([...sections].filter(([, made]) => made.some((one) => gone.has(one))).map(([name]) => name)),
  }
}

function retold(listener: JsonObject, tls: 'strip' | { readonly secret: string }): JsonObject {
  if (tls !== 'strip') {
    return { ...listener, tls: { ...objectOf(listener.tls), certificateRefs: [{ name: tls.secret }] } }
  }
  if (listener.protocol !== 'HTTPS') return listener
  return { ...without(listener, ['tls']), protocol: 'HTTP', port: listener.port === 443 ? 80 : (listener.port ?? 80) }
}
