import { objectOf, without } from '../json.ts'
import { groupKindOf, type Manifest } from '../manifest.ts'
import type { Family } from './family.ts'
import { withSpec } from './own-hosts.ts'

/**
 * Knative: DomainMapping, whose name is the host. `tls: strip` takes spec.tls off, a Secret by name goes into it. The
 * host of a Knative Service is made of its name and namespace, which are the preview's already. A
 * ClusterDomainClaim is cluster-scoped, and refused as such.
 */
export const knative = (): Family => ({
  holds: (manifest) => groupKindOf(manifest) === 'DomainMapping.serving.knative.dev',
  hostsOf: ({ metadata }) => [{ host: metadata.name, field: 'metadata.name', isAddress: true }],
  securedBy: (manifest) => (objectOf(manifest.spec).tls === undefined ? [] : [manifest.metadata.name]),
  renamed: (manifest, naming) => {
    const name = naming.own(manifest.metadata.name, manifest, 'metadata.name')
    if (name === null) return null
    const spec = objectOf(manifest.spec)
    const named: Manifest = { ...manifest, metadata: { ...manifest.metadata, name } }
    if (naming.tls === 'keep' || spec.tls === undefined) return named
    if (naming.tls === 'strip') return withSpec(named, without(spec, ['tls']))
    return withSpec(named, { ...spec, tls: { ...objectOf(spec.tls), secretName: naming.tls.secret } })
  },
})
