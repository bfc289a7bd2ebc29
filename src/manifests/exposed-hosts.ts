import { covers, isIngress, ruleHostsOf, tlsHostsOf } from './ingress.ts'
import { listOf, objectOf } from './json.ts'
import type { Manifest } from './manifest.ts'
import type { Target } from './target.ts'

export interface Exposed {
  readonly host: string
  readonly url: string
}

/**
 * Where a preview answers: each host of its Ingresses' rules once, in their order, with its URL. `auto` is https where
 * the TLS of some Ingress covers the host.
 */
export function exposedUrlsOf(manifests: readonly Manifest[], target: Target): readonly Exposed[] {
  const { scheme, port } = target.hosts
  const ingresses = manifests.filter(isIngress)
  const secured = ingresses.flatMap(securedHostsOf)
  const hosts = [...new Set(ingresses.flatMap(ruleHostsOf))]
  return hosts.map((host) => {
    const auto = secured.some((pattern) => covers(pattern, host)) ? 'https' : 'http'
    return { host, url: urlOf(scheme === 'auto' ? auto : scheme, host, port) }
  })
}

const securedHostsOf = (ingress: Manifest): readonly string[] =>
  listOf(objectOf(ingress.spec).tls).flatMap((entry) => {
    const hosts = tlsHostsOf(entry)
    return hosts.length > 0 ? hosts : ruleHostsOf(ingress)
  })

const STANDARD_PORTS = { http: 80, https: 443 } as const

const urlOf = (scheme: 'http' | 'https', host: string, port: number | null): string =>
  `${scheme}://${host}${port === null || port === STANDARD_PORTS[scheme] ? '' : `:${port}`}`
