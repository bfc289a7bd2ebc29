import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { serviceBehind } from '../../src/manifests/service-behind.ts'

const HOST = 'feat-shop.example.com'
const to = (name: string, port: object) => ({ service: { name, port } })
const at = (path: string, backend: object, pathType = 'Prefix') => ({ path, pathType, backend })

const ingress = (host: string, ...paths: object[]): Manifest => ({
  ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'shop' } },
  spec: { rules: [{ host, http: { paths: JSON.parse(JSON.stringify(paths)) } }] },
})
const service = (name: string, port: string, number: number): Manifest => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name } },
  spec: { ports: [{ name: port, port: number }] },
})

const PATHS = ingress(
  HOST,
  at('/', to('web', { number: 80 })),
  at('/webhooks', to('api', { name: 'http' })),
  at('/webhooks/stripe', to('pay', { number: 9000 }), 'Exact'),
)
const ALL = [PATHS, service('api', 'http', 8080)]

describe('the Service behind a path', () => {
  it.each([
    ['/', { name: 'web', port: 80 }],
    ['/webhooksother', { name: 'web', port: 80 }],
    ['/webhooks', { name: 'api', port: 8080 }],
    ['/webhooks/github?a=/webhooks/stripe', { name: 'api', port: 8080 }],
    ['/webhooks/stripe', { name: 'pay', port: 9000 }],
    ['/webhooks/stripe/', { name: 'api', port: 8080 }],
  ])('%s is that of the longest path', (path, found) => {
    expect(serviceBehind(ALL, HOST, path)).toEqual(found)
  })

  it.each([
    ['of another host', [ingress('other.example.com', at('/', to('web', { number: 80 })))]],
    [
      'of a port that its Service does not have',
      [ingress(HOST, at('/', to('api', { name: 'grpc' }))), ALL[1] ?? PATHS],
    ],
    ['of no Service', [ingress(HOST, at('/', { resource: { kind: 'Bucket', name: 'files' } }))]],
    ['of a name that no Service has', [ingress(HOST, at('/', to('web/../x', { number: 80 })))]],
  ])('is not known where the path is %s', (_, manifests) => {
    expect(serviceBehind(manifests, HOST, '/')).toBeNull()
  })

  it('is found by a wildcard that covers the host', () => {
    expect(serviceBehind([ingress('*.example.com', at('/', to('web', { number: 80 })))], HOST, '/x')).toEqual({
      ...{ name: 'web', port: 80 },
    })
  })
})
