import { describe, expect, it } from 'vitest'
import { renamed, specOf, urlsOf } from './renamed.ts'

const gateway = (servers: string, selector = 'ingressgateway') => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: front }
spec: { selector: { istio: ${selector} }, servers: [${servers}] }
---`
const service = (hosts: string, gateways = 'front', http = '{ route: [{ destination: { host: web } }] }') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec: { hosts: [${hosts}], gateways: [${gateways}], http: [${http}] }
---`
const plain = (hosts: string, more = '') =>
  `{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${hosts}]${more} }`
const secure = (hosts: string, mode = 'SIMPLE') =>
  `{ port: { number: 443, name: https, protocol: HTTPS }, hosts: [${hosts}], tls: { mode: ${mode}, credentialName: cert } }`

describe('the hosts of Istio', () => {
  it('become the preview’s in Gateways, whatever namespace they are of, and in VirtualServices', () => {
    const yaml =
      gateway(plain('shop.example.test, prod/api.example.test, ./x.example.test, "*/y.example.test"')) +
      service('shop.example.test')
    expect(specOf(renamed(yaml), 'Gateway')).toMatchObject({
      servers: [
        {
          hosts: [
            'feat-cart-shop.example.test',
            './feat-cart-api.example.test',
            './feat-cart-x.example.test',
            '*/feat-cart-y.example.test',
          ],
        },
      ],
    })
    expect(specOf(renamed(yaml), 'VirtualService')).toMatchObject({ hosts: ['feat-cart-shop.example.test'] })
    expect(urlsOf(yaml)).toEqual(['http://feat-cart-shop.example.test'])
    expect(urlsOf(gateway(secure('"*.example.test"')) + service('shop.example.test'))).toEqual([
      'https://feat-cart-shop.example.test',
    ])
  })

  it.each([
    ['of a VirtualService that is the mesh’s', service('reviews.example.test', 'mesh')],
    ['of a VirtualService that says no Gateway', service('reviews.example.test', '')],
    ['of a Service', service('reviews, reviews.shop.svc, reviews.shop.svc.cluster.local', 'mesh, front')],
  ])('stay where they are names %s', (_, yaml) => {
    expect(renamed(yaml)).toEqual(renamed(yaml, { exposed: null, wildcards: 'map' }))
    expect(JSON.stringify(renamed(yaml))).not.toContain('feat-cart')
  })

  it('stay where they are others’, at a Gateway for egress or by a ServiceEntry', () => {
    const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: out }
spec: { hosts: [www.googleapis.com], location: MESH_EXTERNAL, ports: [{ number: 443, name: tls, protocol: TLS }] }
---`
    const yaml =
      entry + gateway(plain('edition.cnn.com'), 'egressgateway') + service('www.googleapis.com', 'mesh, front')
    expect(JSON.stringify(renamed(yaml))).not.toContain('feat-cart')
  })

  it('take a wildcard’s place where the other side names them', () => {
    const named = gateway(plain('"*"')) + service('shop.example.test')
    expect(specOf(renamed(named), 'Gateway')).toMatchObject({ servers: [{ hosts: ['feat-cart-shop.example.test'] }] })
    const open = gateway(plain('shop.example.test')) + service('"*"')
    expect(specOf(renamed(open), 'VirtualService')).toMatchObject({ hosts: ['feat-cart-shop.example.test'] })
  })

  it('are refused where both sides are wildcards, or mapped where there is a domain', () => {
    const all = gateway(plain('"*"')) + service('"*"')
    expect(() => renamed(all)).toThrow('Gateway/front: spec.servers.hosts: * is a wildcard')
    expect(() => renamed(all, { wildcards: 'map' })).toThrow('of which no preview’s form can be made'.replace('’', "'"))
    const below = gateway(plain('"*.example.test"')) + service('"*.example.test"')
    expect(() => renamed(below)).toThrow('*.example.test is a wildcard')
    expect(specOf(renamed(below, { wildcards: 'map' }), 'VirtualService')).toMatchObject({
      hosts: ['*.feat-cart-example.test'],
    })
  })

  it('follow in authorities and CORS where they are the app’s own, and others stay', () => {
    const http = `{ redirect: { authority: shop.example.test }, corsPolicy: { allowOrigins: [{ exact: "https://shop.example.test" }, { exact: "https://foo.com" }] } },
      { rewrite: { authority: login-service.default.example.test } }`
    expect(
      specOf(
        renamed(gateway(plain('shop.example.test')) + service('shop.example.test', 'front', http)),
        'VirtualService',
      ),
    ).toMatchObject({
      http: [
        {
          redirect: { authority: 'feat-cart-shop.example.test' },
          corsPolicy: {
            allowOrigins: [{ exact: 'https://feat-cart-shop.example.test' }, { exact: 'https://foo.com' }],
          },
        },
        { rewrite: { authority: 'login-service.default.example.test' } },
      ],
    })
  })

  it('go where the author does not expose them, and no VirtualService becomes the mesh’s', () => {
    const yaml = gateway(plain('shop.example.test, api.example.test')) + service('web, api.example.test', 'mesh, front')
    const made = renamed(yaml, { exposed: ['shop.example.test'] })
    expect(specOf(made, 'Gateway')).toMatchObject({ servers: [{ hosts: ['feat-cart-shop.example.test'] }] })
    expect(specOf(made, 'VirtualService')).toMatchObject({ hosts: ['web'], gateways: ['mesh', 'front'] })
    expect(renamed(gateway(plain('api.example.test')) + service('api.example.test'), { exposed: [] })).toEqual([])
  })

  it('lose TLS that the Gateway ends, and the redirect to it', () => {
    const servers = `${plain('shop.example.test', ', tls: { httpsRedirect: true }')}, ${secure('shop.example.test, api.example.test')}, ${secure('raw.example.test', 'PASSTHROUGH')}`
    const made = renamed(gateway(servers), { tls: 'strip' })
    expect(specOf(made, 'Gateway')).toMatchObject({
      servers: [
        { port: { number: 80, name: 'http' }, hosts: ['feat-cart-shop.example.test'] },
        { port: { number: 80, name: 'https', protocol: 'HTTP' }, hosts: ['feat-cart-api.example.test'] },
        { port: { number: 443 }, tls: { mode: 'PASSTHROUGH' } },
      ],
    })
    expect(JSON.stringify(made)).not.toContain('httpsRedirect')
    expect(specOf(renamed(gateway(secure('shop.example.test')), { tls: { secret: 'wild' } }), 'Gateway')).toMatchObject(
      {
        servers: [{ tls: { mode: 'SIMPLE', credentialName: 'wild' } }],
      },
    )
  })
})
