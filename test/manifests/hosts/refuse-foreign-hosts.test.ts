import { describe, expect, it } from 'vitest'
import { refuseForeignHosts } from '../../../src/manifests/hosts/refuse-foreign-hosts.ts'
import type { JsonObject } from '../../../src/manifests/json.ts'
import type { HostRules } from '../../../src/manifests/target.ts'
import { hostRulesOf, manifestsOf, targetOf } from '../sample.ts'
import { renamed } from './renamed.ts'
import { ASKED, ingress, WAYS, yamlOf } from './ways-in.ts'

const OWN = 'feat-cart-shop.example.test'
const FOREIGN = 'shop.example.test'

/** What publish says of objects that were handed over as they stand. */
const refusal = (objects: readonly JsonObject[], rules: Partial<HostRules> = {}): unknown => {
  try {
    refuseForeignHosts(manifestsOf(yamlOf(objects)), targetOf(hostRulesOf(rules)))
    return null
  } catch (error) {
    return error
  }
}
const object = (apiVersion: string, kind: string, spec: JsonObject, annotations: JsonObject = {}): JsonObject => ({
  ...{ apiVersion, kind, spec },
  metadata: { name: 'web', annotations },
})
const certificate = (...dnsNames: readonly string[]) =>
  object('cert-manager.io/v1', 'Certificate', { secretName: 'a', dnsNames })
const service = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } })
const gateway = (hostname: string) =>
  object('gateway.networking.k8s.io/v1', 'Gateway', {
    listeners: [{ name: 'a', port: 80, protocol: 'HTTP', hostname }],
  })
const httpRoute = (hostname: string) =>
  object('gateway.networking.k8s.io/v1', 'HTTPRoute', { hostnames: [hostname], parentRefs: [{ name: 'web' }] })
const tlsOf = (host: string) =>
  object('networking.k8s.io/v1', 'Ingress', { rules: [{ host: OWN }], tls: [{ hosts: [host] }] })

describe('what a worker hands over', () => {
  it('is taken as it was renamed, and as often as one likes', () => {
    const made = renamed(yamlOf([...WAYS, ...ASKED].flatMap((way, at) => way(`o${at}`, `${at}.${FOREIGN}`))))
    expect(() => refuseForeignHosts(made, targetOf())).not.toThrow()
  })

  it.each([...WAYS, ...ASKED].map((way, at) => [at, way] as const))(
    'is refused with a host of others: %i',
    (_, way) => {
      expect(refusal(way('web', FOREIGN))).toMatchObject({
        name: 'Terminal',
        whose: 'operator',
        message: expect.stringMatching(/^[A-Za-z]+\/\S+: \S+: shop\.example\.test is not a host of this preview$/),
      })
    },
  )

  it.each([
    ['TLS of an Ingress', [tlsOf(FOREIGN)]],
    ['a wildcard in TLS', [tlsOf('*.example.test')]],
    ['a certificate’s wildcard that covers its own hosts', [...ingress('a', OWN), certificate('*.example.test')]],
    ['a certificate’s name that begins as a Service is called', [service('shop'), certificate('shop.test')]],
    ['a listener’s wildcard that covers its own routes', [gateway('*.example.test'), httpRoute(OWN)]],
    ['a route’s wildcard that covers its own listeners', [gateway(OWN), httpRoute('*.example.test')]],
    [
      'an alias of an Ingress',
      [
        object(
          'networking.k8s.io/v1',
          'Ingress',
          { rules: [{ host: OWN }] },
          {
            'nginx.ingress.kubernetes.io/server-alias': `${OWN},${FOREIGN}`,
          },
        ),
      ],
    ],
    [
      'a certificate that an annotation asks for',
      [object('networking.k8s.io/v1', 'Ingress', { rules: [{ host: OWN }] }, { 'cert-manager.io/alt-names': FOREIGN })],
    ],
    [
      'the domains of a route’s TLS',
      [
        object('traefik.io/v1alpha1', 'IngressRoute', {
          routes: [{ match: `Host(\`${OWN}\`)` }],
          tls: { domains: [{ main: FOREIGN }] },
        }),
      ],
    ],
  ])('is refused with a host of others in %s', (_, objects) => {
    expect(refusal(objects, { wildcards: 'map' })).toMatchObject({ name: 'Terminal', whose: 'operator' })
    expect(refusal(objects)).toMatchObject({ name: 'Terminal', whose: 'operator' })
  })

  it('has wildcards of the preview’s form where they are mapped', () => {
    const wild = ingress('web', '*.feat-cart-example.test')
    expect(refusal(wild, { wildcards: 'map' })).toBeNull()
    expect(refusal(wild)).toMatchObject({ whose: 'operator' })
    expect(refusal(ingress('web', '*.example.test'), { wildcards: 'map' })).toMatchObject({ whose: 'operator' })
  })

  it('is held to the template, wherever the slug stands in it', () => {
    const template = '{host}.{slug}.previews.test'
    expect(refusal(ingress('web', 'shop.feat-cart.previews.test'), { template })).toBeNull()
    for (const host of ['shop.feat-other.previews.test', 'feat-cart.previews.test', 'shopxfeat-cart.previews.test'])
      expect(refusal(ingress('web', host), { template })).toMatchObject({ whose: 'operator' })
  })
})
