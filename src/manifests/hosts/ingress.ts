import { Terminal } from '../../domain/errors.ts'
import { isObject, type Json, type JsonObject, listOf, objectOf, textOf, without } from '../json.ts'
import { groupKindOf, type Manifest, objectName } from '../manifest.ts'
import { keptToItsHosts } from './default-backend.ts'
import type { Family, Naming } from './family.ts'
import { covers, isWildcard, shownHost } from './host-name.ts'
import { ownHostsOf, specWith } from './own-hosts.ts'

const INGRESSES = ['Ingress.networking.k8s.io', 'Ingress.extensions']

export const isIngress = (manifest: Manifest): boolean => INGRESSES.includes(groupKindOf(manifest))

/**
 * Kubernetes: Ingress. Rules and TLS have the preview's hosts, and the default backend answers for these alone. A rule
 * without a host answers for every host: it stays as it is, and whether a preview may have it is for the policy to say.
 * A wildcard in TLS becomes the hosts of the rules that it covers. `tls: strip` takes off spec.tls, a Secret by name goes into each
 * of its entries.
 */
export const ingress = (): Family => ({
  holds: isIngress,
  hostsOf: (manifest) => ruleHostsOf(manifest).map((host) => ({ host, field: 'spec.rules.host', isAddress: true })),
  securedBy: (manifest) =>
    listOf(objectOf(manifest.spec).tls).flatMap((entry) => {
      const hosts = tlsHostsOf(entry)
      return hosts.length > 0 ? hosts : ruleHostsOf(manifest)
    }),
  renamed: (manifest, naming) => {
    const spec = objectOf(manifest.spec)
    const rules = rulesOf(manifest, naming)
    if (rules.length === 0 && listOf(spec.rules).length > 0) return null
    return {
      ...manifest,
      spec: keptToItsHosts(
        specWith(spec.tls === undefined ? manifest : { ...manifest, spec: withTls(manifest, naming) }, {
          ...(spec.rules === undefined ? {} : { rules }),
        }),
      ),
    }
  },
})

/** The hosts of an Ingress' rules, in order; rules without one answer for every host and give none. */
const ruleHostsOf = (manifest: Manifest): readonly string[] =>
  listOf(objectOf(manifest.spec).rules)
    .map((rule) => textOf(objectOf(rule).host))
    .filter((host) => host !== '')

/** The hosts of one entry of `spec.tls`; none means all of the Ingress' (Kubernetes: IngressTLS). */
const tlsHostsOf = (entry: Json): readonly string[] =>
  listOf(objectOf(entry).hosts)
    .map(textOf)
    .filter((host) => host !== '')

const rulesOf = (manifest: Manifest, naming: Naming): readonly Json[] =>
  listOf(objectOf(manifest.spec).rules).flatMap((rule) => {
    const host = textOf(objectOf(rule).host)
    if (!isObject(rule) || host === '') return [rule]
    const own = naming.own(host, manifest, 'spec.rules.host')
    return own === null ? [] : [{ ...rule, host: own }]
  })

function withTls(manifest: Manifest, naming: Naming): JsonObject {
  const spec = objectOf(manifest.spec)
  if (naming.tls === 'strip') return without(spec, ['tls'])
  const secret: JsonObject = naming.tls === 'keep' ? {} : { secretName: naming.tls.secret }
  const tls = listOf(spec.tls).flatMap((entry): readonly Json[] => {
    if (!isObject(entry)) return [entry]
    const named = tlsHostsOf(entry)
    if (named.length === 0) return [{ ...entry, ...secret }]
    const hosts = named.flatMap((host) => coveredBy(host, manifest, naming))
    const own = ownHostsOf(hosts, naming, manifest, 'spec.tls.hosts')
    return own.length === 0 ? [] : [{ ...entry, hosts: own, ...secret }]
  })
  return { ...spec, tls }
}

/** The host itself, or those of the rules that a wildcard covers. */
function coveredBy(host: string, manifest: Manifest, { wildcards }: Naming): readonly string[] {
  if (!isWildcard(host)) return [host]
  const covered = ruleHostsOf(manifest).filter((rule) => covers(host, rule))
  if (covered.length > 0 || wildcards === 'map') return covered.length > 0 ? covered : [host]
  throw new Terminal(`${objectName(manifest)}: spec.tls.hosts: ${shownHost(host)} covers no host of its rules`)
}
