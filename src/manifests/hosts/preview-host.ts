import { Terminal } from '../../domain/errors.ts'
import { hostOf, isHostOf } from '../../domain/names.ts'
import { type Manifest, objectName } from '../manifest.ts'
import type { Target } from '../target.ts'
import type { NamedHost, Naming } from './family.ts'
import { followerOf } from './follow-text.ts'
import { isHost, isWildcard, shownHost } from './host-name.ts'

/**
 * How each host of an app becomes the preview's: `hosts.template`, and nothing for those that the author does not
 * expose. Two hosts stay two.
 * @param named every host of the manifests, with the object where it stands
 * @throws {Terminal} a host to expose that no manifest has; otherwise as `Naming.own`
 */
export function namingOf(named: readonly (readonly [Manifest, NamedHost])[], target: Target): Naming {
  const { wildcards, tls } = target.hosts
  const exposed = target.hosts.exposed?.map((host) => host.toLowerCase()) ?? null
  refuseUnknown(exposed, new Set(named.map(([, { host }]) => host)))
  const made = new Map<string, string>()
  const origins = new Map<string, string>()
  const isExposed = exposed === null ? () => true : (host: string) => exposed.includes(host)

  const own = (host: string, manifest: Manifest, field: string): string | null => {
    if (!isExposed(host)) return null
    const known = made.get(host)
    if (known !== undefined) return known
    const becomes = previewHost(host, target, `${objectName(manifest)}: ${field}`)
    const origin = origins.get(becomes)
    if (origin !== undefined) {
      throw new Terminal(`the hosts ${origin} and ${host} would both become ${becomes} (hosts.template)`)
    }
    origins.set(becomes, host)
    made.set(host, becomes)
    return becomes
  }
  for (const [manifest, { host, field }] of named) if (!isWildcard(host)) own(host, manifest, field)
  return { own, isExposed, follow: followerOf(made), wildcards, tls }
}

function refuseUnknown(exposed: readonly string[] | null, known: ReadonlySet<string>): void {
  const unknown = (exposed ?? []).filter((host) => !known.has(host))
  if (unknown.length === 0) return
  const there = known.size === 0 ? 'they name none' : `there are ${[...known].slice(0, 50).join(', ')}`
  throw new Terminal(`expose: no manifest answers for ${unknown.map(shownHost).join(', ')}; ${there}`)
}

function previewHost(host: string, target: Target, where: string): string {
  if (!isWildcard(host)) return formOf(host, target, where)
  if (target.hosts.wildcards === 'refuse') {
    throw new Terminal(
      `${where}: ${shownHost(host)} is a wildcard, which would take the hosts of other previews; name each host`,
    )
  }
  if (host === '*') {
    throw new Terminal(
      `${where}: * is a wildcard for every host there is, of which no preview's form can be made; name each host`,
    )
  }
  if (!host.startsWith('*.')) throw new Terminal(`${where}: ${JSON.stringify(shownHost(host))} is not a host`)
  const made = `*.${formOf(host.slice(2), target, where)}`
  if (made.length > 253)
    throw new Terminal(`${where}: ${host} would become ${made}, which is too long (hosts.template)`)
  return made
}

/** Whether a host, or a wildcard where these are mapped, is one that `Naming.own` gives for some host. */
export function isPreviewHost(host: string, { hosts, slug, app, pull }: Target): boolean {
  if (hosts.wildcards === 'map' && host.startsWith('*.')) {
    return isHost(host.slice(2)) && isHostOf(hosts.template, { slug, app, pull: pull.number }, host.slice(2))
  }
  return isHost(host) && isHostOf(hosts.template, { slug, app, pull: pull.number }, host)
}

function formOf(host: string, target: Target, where: string): string {
  const { hosts, slug, app, pull } = target
  if (!isHost(host)) throw new Terminal(`${where}: ${JSON.stringify(shownHost(host))} is not a host`)
  const made = hostOf(hosts.template, { slug, app, pull: pull.number, host })
  if (!isHost(made)) throw new Terminal(`${where}: ${host} would become ${made}, which is not a host (hosts.template)`)
  if (!isPreviewHost(made, target)) {
    throw new Terminal(
      `${where}: ${host} would become ${made}, cut so that it is no more the preview's (hosts.template)`,
    )
  }
  // WHATWG URL, "ends-in-a-number checker": shop.10 would be an IPv4 address, and feat-10.0.0.1 is a broken one.
  if (!URL.canParse(`http://${made}`)) {
    const remedy = /(^|\.)xn--/.test(made) ? 'after xn-- there has to be Punycode' : 'end it in a name, not a number'
    throw new Terminal(`${where}: ${host} would become ${made}, which no browser opens; ${remedy}`)
  }
  return made
}
