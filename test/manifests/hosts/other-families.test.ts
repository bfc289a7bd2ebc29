import { describe, expect, it } from 'vitest'
import { renamed, specOf, urlsOf } from './renamed.ts'

const route = (spec: string) => `
apiVersion: route.openshift.io/v1
kind: Route
metadata: { name: web }
spec: { to: { kind: Service, name: web }, ${spec} }
---`
const proxy = (spec: string, name = 'web') => `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${name} }
spec: ${spec}
---`
const mapping = (spec = '{}') => `
apiVersion: serving.knative.dev/v1beta1
kind: DomainMapping
metadata: { name: search.example.test }
spec: ${spec}
---`

describe('an OpenShift Route', () => {
  it('has the preview’s host, or the one that the router makes of its names', () => {
    expect(specOf(renamed(route('host: shop.apps.example.test, wildcardPolicy: None')), 'Route')).toMatchObject({
      host: 'feat-cart-shop.apps.example.test',
    })
    expect(specOf(renamed(route('port: { targetPort: 80 }')), 'Route')).not.toHaveProperty('host')
    expect(specOf(renamed(route('subdomain: shop')), 'Route')).toMatchObject({ subdomain: 'feat-cart-shop' })
    expect(urlsOf(route('host: shop.example.test, tls: { termination: edge }'))).toEqual([
      'https://feat-cart-shop.example.test',
    ])
  })

  it('is a wildcard where it takes a subdomain', () => {
    const yaml = route('host: www.example.test, wildcardPolicy: Subdomain')
    expect(() => renamed(yaml)).toThrow('Route/web: spec.host: *.example.test is a wildcard')
    expect(specOf(renamed(yaml, { wildcards: 'map' }), 'Route')).toMatchObject({ host: 'www.feat-cart-example.test' })
  })

  it('loses the TLS that ends at the router, and no other', () => {
    const edge = route('host: a.test, tls: { termination: edge, certificate: c, key: k }')
    expect(specOf(renamed(edge, { tls: 'strip' }), 'Route')).not.toHaveProperty('tls')
    expect(specOf(renamed(edge, { tls: { secret: 'wild' } }), 'Route')).toMatchObject({
      tls: { termination: 'edge', externalCertificate: { name: 'wild' } },
    })
    expect(JSON.stringify(renamed(edge, { tls: { secret: 'wild' } }))).not.toContain('"key"')
    for (const termination of ['passthrough', 'reencrypt']) {
      const yaml = route(`host: a.test, tls: { termination: ${termination} }`)
      expect(specOf(renamed(yaml, { tls: 'strip' }), 'Route')).toMatchObject({ tls: { termination } })
    }
  })

  it('goes where the author does not expose its host', () => {
    expect(renamed(route('host: a.test'), { exposed: [] })).toEqual([])
  })
})

describe('a Contour HTTPProxy', () => {
  it('has the preview’s host at its root, and what it includes has none', () => {
    const yaml =
      proxy(
        '{ virtualhost: { fqdn: bar.example.test, tls: { secretName: www-admin/cert } }, includes: [{ name: main }] }',
      ) + proxy('{ routes: [{ services: [{ name: s2, port: 80 }] }] }', 'main')
    expect(specOf(renamed(yaml), 'HTTPProxy', 'web')).toMatchObject({
      virtualhost: { fqdn: 'feat-cart-bar.example.test' },
    })
    expect(urlsOf(yaml)).toEqual(['https://feat-cart-bar.example.test'])
    expect(renamed(yaml, { exposed: [] }).map(({ metadata }) => metadata.name)).toEqual(['main'])
  })

  it('names the preview’s host where it named its own, and foreign ones as before', () => {
    const yaml =
      proxy(`{ virtualhost: { fqdn: a.example.test, corsPolicy: { allowOrigin: ["https://a.example.test", "*"] } },
      routes: [{ requestHeadersPolicy: { set: [{ name: Host, value: a.example.test }] }, requestRedirectPolicy: { hostname: a.example.test },
        services: [{ name: s, port: 80, requestHeadersPolicy: { set: [{ name: Host, value: s1-host }, { name: X, value: a.example.test }] } }] }] }`)
    expect(specOf(renamed(yaml), 'HTTPProxy')).toMatchObject({
      virtualhost: { corsPolicy: { allowOrigin: ['https://feat-cart-a.example.test', '*'] } },
      routes: [
        {
          requestHeadersPolicy: { set: [{ value: 'feat-cart-a.example.test' }] },
          requestRedirectPolicy: { hostname: 'feat-cart-a.example.test' },
          services: [{ requestHeadersPolicy: { set: [{ value: 's1-host' }, { value: 'a.example.test' }] } }],
        },
      ],
    })
  })

  it('has TLS as it is set, but for what is passed through or is TCP', () => {
    const plain = proxy('{ virtualhost: { fqdn: a.test, tls: { secretName: cert } }, routes: [] }')
    expect(specOf(renamed(plain, { tls: 'strip' }), 'HTTPProxy')).not.toHaveProperty('virtualhost.tls')
    expect(specOf(renamed(plain, { tls: { secret: 'wild' } }), 'HTTPProxy')).toMatchObject({
      virtualhost: { tls: { secretName: 'wild' } },
    })
    const passed = proxy('{ virtualhost: { fqdn: a.test, tls: { passthrough: true } }, tcpproxy: { services: [] } }')
    for (const tls of ['strip', { secret: 'wild' }] as const) {
      expect(specOf(renamed(passed, { tls }), 'HTTPProxy')).toMatchObject({
        virtualhost: { tls: { passthrough: true } },
      })
    }
    const tcp = proxy('{ virtualhost: { fqdn: a.test, tls: { secretName: cert } }, tcpproxy: { services: [] } }')
    expect(specOf(renamed(tcp, { tls: 'strip' }), 'HTTPProxy')).toMatchObject({
      virtualhost: { tls: { secretName: 'cert' } },
    })
    expect(urlsOf(tcp)).toEqual([])
  })
})

describe('a Knative DomainMapping', () => {
  it('is called as the preview’s host, with TLS as it is set', () => {
    const yaml = mapping('{ ref: { name: search, kind: Service }, tls: { secretName: cert } }')
    expect(renamed(yaml)[0]?.metadata.name).toBe('feat-cart-search.example.test')
    expect(urlsOf(yaml)).toEqual(['https://feat-cart-search.example.test'])
    expect(renamed(yaml, { tls: 'strip' })[0]?.spec).toEqual({ ref: { name: 'search', kind: 'Service' } })
    expect(renamed(yaml, { tls: { secret: 'wild' } })[0]?.spec).toMatchObject({ tls: { secretName: 'wild' } })
    expect(renamed(yaml, { exposed: [] })).toEqual([])
  })
})

describe('a cert-manager Certificate', () => {
  const certificate = (spec: string) => `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: cert }
spec: { secretName: cert-tls, ${spec} }
---`
  const service = `
apiVersion: v1
kind: Service
metadata: { name: frontend }
---`
  const pods = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: frontend }
spec: { template: { spec: { containers: [], volumes: [{ name: tls, secret: { secretName: cert-tls } }] } } }
---`

  it('is for the preview’s hosts, and its Services are those of the preview’s namespace', () => {
    const yaml = certificate(
      'commonName: shop.example.test, dnsNames: [shop.example.test, frontend, frontend.secure, frontend.secure.svc, localhost, db.other.svc]',
    )
    expect(specOf(renamed(service + yaml), 'Certificate')).toEqual({
      secretName: 'cert-tls',
      commonName: 'feat-cart-shop.example.test',
      dnsNames: [
        'feat-cart-shop.example.test',
        'frontend',
        'frontend.westage-shop-feat-cart',
        'frontend.westage-shop-feat-cart.svc',
        'localhost',
        'db.other.svc',
      ],
    })
  })

  it('is for the hosts that its wildcard covers, or is refused', () => {
    const yaml = certificate('dnsNames: ["*.example.test", example.test]')
    expect(() => renamed(yaml)).toThrow('Certificate/cert: spec.dnsNames: *.example.test is a wildcard')
    expect(specOf(renamed(route('host: shop.example.test') + yaml), 'Certificate')).toMatchObject({
      dnsNames: ['feat-cart-shop.example.test', 'feat-cart-example.test'],
    })
  })

  it('has no common name where that would be too long', () => {
    const host = `${'a'.repeat(50)}.example.test`
    const spec = specOf(renamed(certificate(`commonName: ${host}`)), 'Certificate')
    expect(spec).not.toHaveProperty('commonName')
    expect(spec).toMatchObject({ dnsNames: [`feat-cart-${host}`] })
  })

  it('goes where TLS is another’s, unless it is for inside or a pod mounts it', () => {
    const outer = certificate('dnsNames: [shop.example.test]')
    for (const tls of ['strip', { secret: 'wild' }] as const) {
      expect(renamed(outer, { tls })).toEqual([])
      expect(renamed(outer + pods, { tls }).length).toBe(2)
      expect(renamed(certificate('dnsNames: [frontend, localhost]'), { tls }).length).toBe(1)
    }
  })
})

describe('hosts in annotations', () => {
  const annotated = (annotations: string, more = '') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { ${annotations} } }
spec: { rules: [{ host: shop.example.test }]${more} }
`
  const annotationsIn = (yaml: string, rules = {}) => renamed(yaml, rules)[0]?.metadata.annotations

  it.each([
    'external-dns.alpha.kubernetes.io/hostname',
    'external-dns.kubernetes.io/internal-hostname',
    'dns.alpha.kubernetes.io/external',
    'nginx.ingress.kubernetes.io/server-alias',
    'cert-manager.io/alt-names',
  ])('become the preview’s in %s', (key) => {
    expect(annotationsIn(annotated(`${key}: "shop.example.test, Api.example.test"`))).toEqual({
      [key]: 'feat-cart-shop.example.test,feat-cart-api.example.test',
    })
    expect(
      annotationsIn(annotated(`${key}: "shop.example.test,api.example.test"`), { exposed: ['shop.example.test'] }),
    ).toEqual({
      [key]: 'feat-cart-shop.example.test',
    })
  })

  it('are refused where DNS is asked for a whole domain', () => {
    expect(() => renamed(annotated('external-dns.alpha.kubernetes.io/hostname: "*.example.test"'))).toThrow(
      'metadata.annotations["external-dns.alpha.kubernetes.io/hostname"]: *.example.test is a wildcard',
    )
  })

  it('follow elsewhere where they are the app’s own', () => {
    const key = 'nginx.ingress.kubernetes.io/auth-signin'
    expect(annotationsIn(annotated(`${key}: "https://shop.example.test/login?rd=https://other.test"`))).toEqual({
      [key]: 'https://feat-cart-shop.example.test/login?rd=https://other.test',
    })
  })

  it('ask for no certificate where TLS is another’s', () => {
    const yaml = annotated(
      'cert-manager.io/cluster-issuer: le, kubernetes.io/tls-acme: "true", x: "y"',
      ', tls: [{ hosts: [shop.example.test], secretName: own }]',
    )
    expect(annotationsIn(yaml, { tls: 'strip' })).toEqual({ x: 'y' })
    expect(annotationsIn(yaml, { tls: { secret: 'wild' } })).toEqual({ x: 'y' })
    expect(renamed(yaml, { tls: 'strip' })[0]?.spec).not.toHaveProperty('tls')
    expect(renamed(yaml, { tls: { secret: 'wild' } })[0]?.spec).toMatchObject({ tls: [{ secretName: 'wild' }] })
  })
})
