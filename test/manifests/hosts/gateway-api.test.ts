import { describe, expect, it } from 'vitest'
import { renamed, renamedText, specOf, urlsOf } from './renamed.ts'

const gateway = (listeners: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: front }
spec: { gatewayClassName: any, listeners: [${listeners}] }
---`
const route = (name: string, hostnames: string, parent = '{ name: front }', more = '', kind = 'HTTPRoute') => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: ${name} }
spec:
  hostnames: [${hostnames}]
  parentRefs: [${parent}]
  rules: [{ backendRefs: [{ name: ${name}, port: 80 }]${more} }]
---`
const HTTP = '{ name: http, port: 80, protocol: HTTP }'
const WILD_HTTP = '{ name: http, port: 80, protocol: HTTP, hostname: "*.example.test" }'
const WILD_HTTPS =
  '{ name: https, port: 443, protocol: HTTPS, hostname: "*.example.test", tls: { certificateRefs: [{ name: wild }] } }'
const redirect = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: to-https }
spec:
  hostnames: [shop.example.test, api.example.test]
  parentRefs: [{ name: front, sectionName: http }]
  rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }] }]
---`

describe('the hosts of Gateway API', () => {
  it.each(['HTTPRoute', 'GRPCRoute', 'TLSRoute'])('become the preview’s in %s and listeners', (kind) => {
    const yaml =
      gateway('{ name: web, port: 443, protocol: HTTPS, hostname: shop.example.test }') +
      route('web', 'shop.example.test', undefined, '', kind)
    const made = renamed(yaml)
    expect(specOf(made, kind)).toMatchObject({ hostnames: ['feat-cart-shop.example.test'] })
    expect(specOf(made, 'Gateway')).toMatchObject({ listeners: [{ hostname: 'feat-cart-shop.example.test' }] })
    expect(urlsOf(yaml)).toEqual(['https://feat-cart-shop.example.test'])
  })

  it('stay as they are where a listener of the preview’s own Gateway or a route names none', () => {
    const yaml = gateway(HTTP) + route('web', '')
    expect(specOf(renamed(yaml), 'Gateway')).toMatchObject({ listeners: [{ name: 'http', port: 80 }] })
    expect(urlsOf(yaml)).toEqual([])
  })

  it('give the address where only the listener has one', () => {
    const yaml = gateway('{ name: web, port: 80, protocol: HTTP, hostname: shop.example.test }') + route('web', '')
    expect(urlsOf(yaml)).toEqual(['http://feat-cart-shop.example.test'])
  })

  it('are listeners of their own where the listener was a wildcard, and routes name the one that fits', () => {
    const https = '{ name: front, sectionName: https }'
    const yaml =
      gateway(`${WILD_HTTP}, ${WILD_HTTPS}`) +
      route('shop', 'shop.example.test', https) +
      route('api', 'api.example.test', https) +
      redirect
    const made = renamed(yaml)
    expect(specOf(made, 'Gateway')).toMatchObject({
      listeners: [
        { name: 'http', hostname: 'feat-cart-shop.example.test' },
        { name: 'http-2', hostname: 'feat-cart-api.example.test' },
        { name: 'https', hostname: 'feat-cart-shop.example.test', tls: { certificateRefs: [{ name: 'wild' }] } },
        { name: 'https-2', hostname: 'feat-cart-api.example.test' },
      ],
    })
    expect(specOf(made, 'HTTPRoute', 'shop')).toMatchObject({ parentRefs: [{ sectionName: 'https' }] })
    expect(specOf(made, 'HTTPRoute', 'api')).toMatchObject({ parentRefs: [{ sectionName: 'https-2' }] })
    expect(specOf(made, 'HTTPRoute', 'to-https')).toMatchObject({
      parentRefs: [{ sectionName: 'http' }, { sectionName: 'http-2' }],
    })
    expect(urlsOf(yaml)).toEqual(['https://feat-cart-shop.example.test', 'https://feat-cart-api.example.test'])
  })

  it('share a listener where one names the host that a wildcard covers too', () => {
    const named = '{ name: shop, port: 80, protocol: HTTP, hostname: shop.example.test }'
    const made = renamed(
      gateway(`${WILD_HTTP}, ${named}`) + route('shop', 'shop.example.test', '{ name: front, sectionName: http }'),
    )
    expect(specOf(made, 'Gateway')).toMatchObject({ listeners: [{ name: 'shop' }] })
    expect(specOf(made, 'HTTPRoute')).toMatchObject({ parentRefs: [{ sectionName: 'shop' }] })
  })

  it('are refused where a wildcard is for good, or mapped', () => {
    const yaml = gateway(WILD_HTTP) + route('any', '"*.example.test"')
    expect(() => renamed(yaml)).toThrow('Gateway/front: spec.listeners.hostname: *.example.test is a wildcard')
    expect(() => renamed(gateway(WILD_HTTP) + route('open', ''))).toThrow('is a wildcard')
    const made = renamed(yaml, { wildcards: 'map' })
    expect(specOf(made, 'Gateway')).toMatchObject({ listeners: [{ hostname: '*.feat-cart-example.test' }] })
    expect(specOf(made, 'HTTPRoute')).toMatchObject({ hostnames: ['*.feat-cart-example.test'] })
    expect(urlsOf(yaml, { wildcards: 'map' })).toEqual([])
  })

  it('follow in redirects, rewrites and CORS where they are the app’s own, and others stay', () => {
    const filters = `, filters: [
      { type: RequestRedirect, requestRedirect: { hostname: shop.example.test } },
      { type: URLRewrite, urlRewrite: { hostname: elsewhere.example } },
      { type: CORS, cors: { allowOrigins: ["https://shop.example.test:8443", "https://www.foo.com"] } }]`
    expect(
      specOf(renamed(gateway(HTTP) + route('web', 'shop.example.test', undefined, filters)), 'HTTPRoute'),
    ).toMatchObject({
      rules: [
        {
          filters: [
            { requestRedirect: { hostname: 'feat-cart-shop.example.test' } },
            { urlRewrite: { hostname: 'elsewhere.example' } },
            { cors: { allowOrigins: ['https://feat-cart-shop.example.test:8443', 'https://www.foo.com'] } },
          ],
        },
      ],
    })
  })

  it('are none where a route is of a Service in the mesh', () => {
    const mesh = route('web', 'web.example.test', '{ kind: Service, group: "", name: web }')
    expect(specOf(renamed(mesh), 'HTTPRoute')).toMatchObject({ hostnames: ['web.example.test'] })
  })

  it('go with listeners and routes where the author does not expose them', () => {
    const shop = '{ name: shop, port: 80, protocol: HTTP, hostname: shop.example.test }'
    const api = '{ name: api, port: 80, protocol: HTTP, hostname: api.example.test }'
    const yaml =
      gateway(`${shop}, ${api}`) +
      route('shop', 'shop.example.test, api.example.test') +
      route('api', 'api.example.test') +
      route('open', '', '{ name: front, sectionName: api }')
    const made = renamed(yaml, { exposed: ['shop.example.test'] })
    expect(made.map(({ metadata }) => metadata.name)).toEqual(['front', 'shop'])
    expect(specOf(made, 'Gateway')).toMatchObject({ listeners: [{ name: 'shop' }] })
    expect(specOf(made, 'HTTPRoute')).toMatchObject({ hostnames: ['feat-cart-shop.example.test'] })
    expect(renamed(yaml, { exposed: [] }).length).toBe(0)
  })

  it('lose TLS: the HTTPS listener has the plain one’s place, and what only sent visitors on goes', () => {
    const yaml =
      gateway(`${WILD_HTTP}, ${WILD_HTTPS}`) +
      route('shop', 'shop.example.test', '{ name: front, sectionName: https }') +
      redirect
    const made = renamed(yaml, { tls: 'strip', exposed: ['shop.example.test'] })
    expect(specOf(made, 'Gateway')).toEqual({
      gatewayClassName: 'any',
      listeners: [{ name: 'https', port: 80, protocol: 'HTTP', hostname: 'feat-cart-shop.example.test' }],
    })
    expect(made.map(({ metadata }) => metadata.name)).toEqual(['front', 'shop'])
    expect(urlsOf(yaml, { tls: 'strip' })[0]).toBe('http://feat-cart-shop.example.test')
  })

  it('keep TLS that is passed through', () => {
    const yaml =
      gateway('{ name: tls, port: 443, protocol: TLS, tls: { mode: Passthrough } }') +
      route('web', 'shop.example.test', undefined, '', 'TLSRoute')
    expect(specOf(renamed(yaml, { tls: 'strip' }), 'Gateway')).toMatchObject({
      listeners: [{ tls: { mode: 'Passthrough' } }],
    })
  })

  it('have the Secret that is named', () => {
    const yaml = gateway(WILD_HTTPS) + route('web', 'shop.example.test')
    expect(renamedText(yaml, { tls: { secret: 'previews-tls' } })).toContain('name: previews-tls')
    expect(renamedText(yaml, { tls: { secret: 'previews-tls' } })).not.toContain('name: wild')
  })
})
