import { isObject, type JsonObject, listOf, objectOf, pathOf, textOf, valuesAt, without } from '../json.ts'
import { groupKindOf, groupOf, type Manifest } from '../manifest.ts'
import { containersOf, type PodTemplates, podSpecsOf } from '../pod-templates.ts'
import type { FamilyOf, Naming } from './family.ts'
import { isWildcard, wildcardFor } from './host-name.ts'
import { ownHostsOf, specWith } from './own-hosts.ts'

/** cert-manager: CertificateSpec, commonName. RFC 5280 allows it 64 octets. */
const COMMON_NAME_MAX = 64

/**
 * cert-manager: Certificate, also of the old group certmanager.k8s.io. Names that are not of the outside (one label,
 * `.svc`, `.local`, a Service of the bundle with its namespace) stay, the namespace in them becomes the preview's; all
 * others become the preview's hosts, a wildcard those of the bundle's that it covers. Where TLS is stripped or one
 * Secret serves all, a Certificate of outer names is left out, unless pods mount what it makes.
 * @param addressed the hosts of the other families, which a wildcard may stand for
 */
export const certManager =
  (addressed: readonly string[]): FamilyOf =>
  (manifests, { namespace, podTemplates }) => {
    const services = new Set(manifests.filter((one) => groupKindOf(one) === 'Service').map((one) => one.metadata.name))
    // Looked for where there is a Certificate to be left out: most apps have none.
    let found: ReadonlySet<string> | null = null
    const mounted = (): ReadonlySet<string> => {
      found ??= new Set(manifests.flatMap((manifest) => secretsOfPods(manifest, podTemplates)))
      return found
    }
    const known = new Set(addressed)
    const below = new Map<string, string[]>()
    for (const host of known) {
      const hosts = below.get(wildcardFor(host)) ?? []
      hosts.push(host)
      below.set(wildcardFor(host), hosts)
    }
    const isInner = (host: string) => !known.has(host) && isInnerName(host, services)
    const covered = (host: string) => {
      const hosts = isWildcard(host) ? [...(known.has(host) ? [host] : []), ...(below.get(host) ?? [])] : []
      return hosts.length > 0 ? hosts : [host]
    }
    return {
      holds: isCertificate,
      hostsOf: (manifest) =>
        namesOf(manifest)
          .filter((host) => !isInner(host))
          .flatMap(covered)
          .map((host) => ({ host, field: 'spec.dnsNames', isAddress: false })),
      securedBy: () => [],
      renamed: (manifest, naming) => {
        const spec = objectOf(manifest.spec)
        const outer = namesOf(manifest).filter((host) => !isInner(host))
        if (naming.tls !== 'keep' && outer.length > 0 && !mounted().has(textOf(spec.secretName))) return null
        const own = (host: string): readonly string[] =>
          isInner(host)
            ? [withNamespace(host, services, namespace)]
            : ownHostsOf(covered(host), naming, manifest, 'spec.dnsNames')
        const names = [...new Set(listOf(spec.dnsNames).map(textOf).flatMap(own))]
        const [commonName = ''] = spec.commonName === undefined ? [] : own(textOf(spec.commonName))
        if (names.length === 0 && commonName === '' && namesOf(manifest).length > 0) return null
        return { ...manifest, spec: withNames(manifest, names, commonName, naming) }
      },
    }
  }

const isCertificate = (manifest: Manifest): boolean =>
  manifest.kind === 'Certificate' && ['cert-manager.io', 'certmanager.k8s.io'].includes(groupOf(manifest))

const namesOf = ({ spec }: Manifest): readonly string[] =>
  [...listOf(objectOf(spec).dnsNames), objectOf(spec).commonName ?? null]
    .map(textOf)
    .filter((host) => host !== '')
    .filter((host, at, all) => all.indexOf(host) === at)

const isInnerName = (host: string, services: ReadonlySet<string>): boolean => {
  const labels = host.split('.')
  return (
    labels.length === 1 ||
    /\.svc(\..+)?$|\.(local|localhost|internal)$/.test(host) ||
    (labels.length === 2 && services.has(labels[0] ?? ''))
  )
}

/** Kubernetes: DNS for Services and Pods. `service.namespace` and what may follow it. */
function withNamespace(host: string, services: ReadonlySet<string>, namespace: string): string {
  const [service = '', former, ...rest] = host.split('.')
  return former === undefined || !services.has(service) ? host : [service, namespace, ...rest].join('.')
}

function withNames(manifest: Manifest, names: readonly string[], commonName: string, naming: Naming): JsonObject {
  const spec = specWith(manifest, {})
  const dnsNames =
    spec.dnsNames === undefined && commonName.length <= COMMON_NAME_MAX
      ? {}
      : { dnsNames: names.length > 0 ? names : [commonName] }
  const common = commonName === '' || commonName.length > COMMON_NAME_MAX ? {} : { commonName }
  return { ...without(spec, ['commonName']), ...common, ...dnsNames, ...acmeOf(spec, manifest, naming) }
}

/** certmanager.k8s.io/v1alpha1 says for each domain how it is proven. */
function acmeOf({ acme }: JsonObject, manifest: Manifest, naming: Naming): JsonObject {
  if (!isObject(acme)) return {}
  const config = listOf(acme.config).map((entry) =>
    isObject(entry)
      ? {
          ...entry,
          domains: ownHostsOf(listOf(entry.domains).map(textOf), naming, manifest, 'spec.acme.config.domains'),
        }
      : entry,
  )
  return { acme: { ...acme, config } }
}

/** Kubernetes: Pod, volumes and EnvVarSource. The Secrets that pods of the manifest read. */
const secretsOfPods = (manifest: Manifest, podTemplates: PodTemplates): readonly string[] =>
  SECRETS.flatMap(([path, name]) =>
    [...podSpecsOf(manifest, podTemplates), ...containersOf(manifest, podTemplates)]
      .flatMap((holder) => valuesAt(holder, pathOf(path)))
      .map((found) => textOf(objectOf(found)[name])),
  ).filter((name) => name !== '')

const SECRETS = [
  ['volumes.*.secret', 'secretName'],
  ['volumes.*.projected.sources.*.secret', 'name'],
  ['env.*.valueFrom.secretKeyRef', 'name'],
] as const
