import type { Manifest } from '../manifest.ts'
import type { Target } from '../target.ts'
import { familiesOf, namedHostsOf } from './families.ts'
import { isWildcard } from './host-name.ts'

export interface Exposed {
  readonly host: string
  readonly url: string
}

/**
 * Where a preview answers: each host that a browser can open, once, with its URL; those of Ingresses first, then in the
 * manifests' order. `auto` is https where something has TLS for the host. Wildcards are no addresses.
 * @param manifests a preview's, in its namespace and with its hosts
 */
export function exposedUrlsOf(manifests: readonly Manifest[], target: Target): readonly Exposed[] {
  const { scheme, port } = target.hosts
  const families = familiesOf(manifests, target.namespace)
  const secured = new Set(
    manifests.flatMap((manifest) => families.flatMap((one) => (one.holds(manifest) ? one.securedBy(manifest) : []))),
  )
  return addressesIn(manifests, target.namespace).map((host) => {
    const auto = secured.has(host) || secured.has(wildcardFor(host)) || secured.has('*') ? 'https' : 'http'
    return { host, url: urlOf(scheme === 'auto' ? auto : scheme, host, port) }
  })
}

/** The hosts that a browser can open, each once, in order. @param namespace the preview's */
export function addressesIn(manifests: readonly Manifest[], namespace: string): readonly string[] {
  const named = namedHostsOf(manifests, familiesOf(manifests, namespace)).map(([, host]) => host)
  return [...new Set(named.filter(({ host, isAddress }) => isAddress && !isWildcard(host)).map(({ host }) => host))]
}

/** RFC 6125: a wildcard stands for one label. */
const wildcardFor = (host: string): string => `*${host.slice(host.indexOf('.'))}`

const STANDARD_PORTS = { http: 80, https: 443 } as const

const urlOf = (scheme: 'http' | 'https', host: string, port: number | null): string =>
  `${scheme}://${host}${port === null || port === STANDARD_PORTS[scheme] ? '' : `:${port}`}`
