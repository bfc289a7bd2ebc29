import type { Manifest } from '../manifest.ts'
import type { Target } from '../target.ts'
import { familiesOf, namedHostsOf } from './families.ts'
import type { Family } from './family.ts'
import { isWildcard, wildcardFor } from './host-name.ts'

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
  const families = familiesOf(manifests, target)
  const secured = new Set(
    manifests.flatMap((manifest) => families.flatMap((one) => (one.holds(manifest) ? one.securedBy(manifest) : []))),
  )
  return addressesIn(manifests, families).map((host) => {
    const auto = secured.has(host) || secured.has(wildcardFor(host)) || secured.has('*') ? 'https' : 'http'
    return { host, url: urlOf(scheme === 'auto' ? auto : scheme, host, port) }
  })
}

/** The wildcards that a preview answers for, each once, in order. @param manifests as of `exposedUrlsOf` */
export const wildcardsOf = (manifests: readonly Manifest[], target: Target): readonly string[] =>
  answeredIn(manifests, familiesOf(manifests, target)).filter((host) => host.startsWith('*.'))

/** The hosts that a browser can open, each once, in order. */
const addressesIn = (manifests: readonly Manifest[], families: readonly Family[]): readonly string[] =>
  answeredIn(manifests, families).filter((host) => !isWildcard(host))

function answeredIn(manifests: readonly Manifest[], families: readonly Family[]): readonly string[] {
  const named = namedHostsOf(manifests, families).map(([, host]) => host)
  return [...new Set(named.filter(({ isAddress }) => isAddress).map(({ host }) => host))]
}

const STANDARD_PORTS = { http: 80, https: 443 } as const

const urlOf = (scheme: 'http' | 'https', host: string, port: number | null): string =>
  `${scheme}://${host}${port === null || port === STANDARD_PORTS[scheme] ? '' : `:${port}`}`
