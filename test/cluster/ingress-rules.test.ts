import { describe, expect, it } from 'vitest'
import { backendFor, EndpointSliceSchema, endpointsOf, IngressSchema, ServiceSchema } from './ingress-rules.ts'

const ingress = (name: string, host: string, ...paths: [path: string, pathType: string, service: string][]) =>
  IngressSchema.parse({
    metadata: { name, namespace: 'shop' },
    spec: {
      rules: [
        {
          host,
          http: {
            paths: paths.map(([path, pathType, service]) => ({
              path,
              pathType,
              backend: { service: { name: service, port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  })

const slice = (port: string, addresses: readonly [address: string, ready: boolean][]) => ({
  metadata: { name: 'shop-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'shop' } },
  ports: [{ name: port, port: 8080 }],
  endpoints: addresses.map(([address, ready]) => ({ addresses: [address], conditions: { ready } })),
})

describe('the ingress of the tests', () => {
  const rules = [
    ingress('shop', 'shop.localhost', ['/', 'Prefix', 'shop'], ['/api', 'Prefix', 'api'], ['/api', 'Exact', 'root']),
    ingress('any', '*.localhost', ['/', 'Prefix', 'any']),
  ]
  const serviceFor = (host: string, path: string) => backendFor(rules, host, path)?.service

  it('knows no backend for a host that no Ingress names', () => {
    expect(backendFor(rules, 'shop.example.com', '/')).toBeNull()
    expect(backendFor(rules, 'deep.shop.localhost', '/')).toBeNull()
  })

  it('takes the longest path, an exact one before a prefix, and prefixes by whole elements', () => {
    expect(serviceFor('shop.localhost', '/apiary')).toBe('shop')
    expect(serviceFor('shop.localhost', '/api/v1')).toBe('api')
    expect(serviceFor('shop.localhost', '/api')).toBe('root')
  })

  it('takes a host that is named before one with an asterisk', () => {
    expect(serviceFor('shop.localhost', '/')).toBe('shop')
    expect(serviceFor('other.localhost', '/')).toBe('any')
  })

  it('finds the ready pods, at the port that the Service means by number or by name', () => {
    const services = [
      ServiceSchema.parse({
        metadata: { name: 'shop', namespace: 'shop' },
        spec: { ports: [{ name: 'http', port: 80 }] },
      }),
    ]
    const slices = [
      EndpointSliceSchema.parse(
        slice('http', [
          ['10.0.0.1', true],
          ['10.0.0.2', false],
        ]),
      ),
    ]
    const at = (port: { name?: string; number?: number }) =>
      endpointsOf({ namespace: 'shop', service: 'shop', port }, services, slices)
    expect(at({ number: 80 })).toEqual([{ address: '10.0.0.1', port: 8080 }])
    expect(at({ name: 'http' })).toEqual([{ address: '10.0.0.1', port: 8080 }])
    expect(at({ number: 81 })).toEqual([])
    expect(endpointsOf({ namespace: 'other', service: 'shop', port: { number: 80 } }, services, slices)).toEqual([])
  })

  it('takes an EndpointSlice that has no pods yet', () => {
    const empty = { ...slice('http', []), ports: null, endpoints: null }
    expect(EndpointSliceSchema.parse(empty)).toMatchObject({ ports: [], endpoints: [] })
  })
})
