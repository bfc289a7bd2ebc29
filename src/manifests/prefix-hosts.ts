import { Terminal } from '../domain/errors.ts'
import { hostOf } from '../domain/names.ts'
import { covers, isIngress, ruleHostsOf, tlsHostsOf } from './ingress.ts'
import { isObject, type Json, textOf } from './json.ts'
import { changeField, type Manifest, objectName } from './manifest.ts'
import type { Target } from './target.ts'
import type { Transform } from './transform.ts'

/** RFC 1123: labels of letters, digits and inner dashes, 63 octets each, 253 in all; lower case in Kubernetes. */
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/**
 * Gives every host of every Ingress the preview's own form, in rules and in TLS. A rule without a host stays as it is;
 * a wildcard in TLS becomes the hosts of the rules that it covers.
 * @throws {Terminal} a wildcard in a rule, what is not a host, two hosts that would become one
 */
export const prefixHosts: Transform = (manifests, target) => {
  const origins = new Map<string, string>()
  const own = (host: string, manifest: Manifest, field: string): string => {
    const made = previewHost(host, target, `${objectName(manifest)}: ${field}`)
    const origin = origins.get(made)
    if (origin !== undefined && origin !== host) {
      throw new Terminal(`the hosts ${origin} and ${host} would both become ${made} (hosts.template)`)
    }
    origins.set(made, host)
    return made
  }
  return manifests.map((manifest) => (isIngress(manifest) ? withHosts(manifest, own) : manifest))
}

function withHosts(ingress: Manifest, own: (host: string, ingress: Manifest, field: string) => string): Manifest {
  const rules = changeField(ingress, ['spec', 'rules', '*', 'host'], (host) =>
    textOf(host) === '' ? host : own(textOf(host), ingress, 'spec.rules.host'),
  )
  return changeField(rules, ['spec', 'tls', '*'], (entry) => {
    if (!isObject(entry) || tlsHostsOf(entry).length === 0) return entry
    const hosts = tlsHostsOf(entry).flatMap((host) => coveredBy(host, ingress))
    return { ...entry, hosts: [...new Set(hosts.map((host) => own(host, ingress, 'spec.tls.hosts')))] satisfies Json }
  })
}

/** The host itself, or those of the rules that a wildcard covers. */
function coveredBy(host: string, ingress: Manifest): readonly string[] {
  if (!host.startsWith('*.')) return [host]
  const covered = ruleHostsOf(ingress).filter((rule) => covers(host, rule))
  if (covered.length > 0) return covered
  throw new Terminal(`${objectName(ingress)}: spec.tls.hosts: ${shown(host)} covers no host of its rules`)
}

function previewHost(host: string, { hosts, slug, app, pull }: Target, where: string): string {
  if (host.includes('*')) {
    throw new Terminal(
      `${where}: ${shown(host)} is a wildcard, which would take the hosts of other previews; name each host`,
    )
  }
  if (!HOST.test(host)) throw new Terminal(`${where}: ${JSON.stringify(shown(host))} is not a host`)
  const made = hostOf(hosts.template, { slug, app, pull: pull.number, host })
  if (!HOST.test(made))
    throw new Terminal(`${where}: ${host} would become ${made}, which is not a host (hosts.template)`)
  // WHATWG URL, "ends-in-a-number checker": shop.10 would be an IPv4 address, and feat-10.0.0.1 is a broken one.
  if (!URL.canParse(`http://${made}`)) {
    throw new Terminal(`${where}: ${host} would become ${made}, which no browser opens; end it in a name, not a number`)
  }
  return made
}

const shown = (host: string): string => (host.length > 253 ? `${host.slice(0, 253)}…` : host)
