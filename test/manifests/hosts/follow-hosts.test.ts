import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { followHosts } from '../../../src/manifests/hosts/follow-hosts.ts'
import { followerOf } from '../../../src/manifests/hosts/follow-text.ts'
import type { HostRules } from '../../../src/manifests/target.ts'
import { hostRulesOf, manifestsOf, targetOf } from '../sample.ts'

const ROUTE = `
apiVersion: route.openshift.io/v1
kind: Route
metadata: { name: web }
spec: { host: dev.claims.example.test }
---
`
const CONFIG = `
apiVersion: v1
kind: ConfigMap
metadata: { name: web-5f6d }
data:
  GRAPE_SWAGGER_ROOT_URL: https://dev.claims.example.test
  settings.json: '{"url": "http://DEV.claims.example.test:8080/x", "other": "https://login.example.test"}'
binaryData: { blob: ZGV2LmNsYWltcy5leGFtcGxlLnRlc3Q= }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      initContainers: [{ name: init, env: [{ name: HOST, value: dev.claims.example.test }] }]
      containers:
        - name: web
          args: [--host=dev.claims.example.test]
          env: [{ name: URL, value: "https://dev.claims.example.test/cb" }, { name: OTHER, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]
---
apiVersion: v1
kind: Secret
metadata: { name: web }
stringData: { URL: https://dev.claims.example.test }
`
const followed = (yaml: string, rules: Partial<HostRules> = { isFollowed: true }) =>
  followHosts(manifestsOf(yaml), targetOf(hostRulesOf(rules)))

describe('the app’s hosts in texts', () => {
  it('stay where the app does not ask', () => {
    const manifests = manifestsOf(ROUTE + CONFIG)
    expect(followHosts(manifests, targetOf())).toBe(manifests)
  })

  it('become the preview’s in variables and ConfigMaps, and nowhere else', () => {
    const [route, config, deployment, secret] = followed(ROUTE + CONFIG)
    expect(route?.spec).toEqual({ host: 'dev.claims.example.test' })
    expect(config?.data).toEqual({
      GRAPE_SWAGGER_ROOT_URL: 'https://feat-cart-dev.claims.example.test',
      'settings.json':
        '{"url": "http://feat-cart-dev.claims.example.test:8080/x", "other": "https://login.example.test"}',
    })
    expect(config?.binaryData).toEqual({ blob: 'ZGV2LmNsYWltcy5leGFtcGxlLnRlc3Q=' })
    expect(deployment?.spec).toMatchObject({
      template: {
        spec: {
          initContainers: [{ env: [{ value: 'feat-cart-dev.claims.example.test' }] }],
          containers: [
            {
              args: ['--host=dev.claims.example.test'],
              env: [{ value: 'https://feat-cart-dev.claims.example.test/cb' }, { name: 'OTHER' }],
            },
          ],
        },
      },
    })
    expect(secret?.stringData).toEqual({ URL: 'https://dev.claims.example.test' })
  })

  it('stay where the preview does not answer for them', () => {
    expect(JSON.stringify(followed(ROUTE + CONFIG, { isFollowed: true, exposed: [] }))).not.toContain('feat-cart')
  })
})

describe('a host in a text', () => {
  const follow = followerOf(
    new Map([
      ['shop.example.com', 'new.test'],
      ['shop', 'never'],
    ]),
  )

  it.each([
    ['shop.example.com', 'new.test'],
    ['https://Shop.Example.COM:8443/a?b=shop.example.com#c', 'https://new.test:8443/a?b=new.test#c'],
    ['see shop.example.com.', 'see new.test.'],
    ['domain=.shop.example.com;', 'domain=.new.test;'],
    ['"shop.example.com","x"', '"new.test","x"'],
    ['next=https%3A%2F%2Fshop.example.com%2Fa', 'next=https%3A%2F%2Fnew.test%2Fa'],
    ['postgres://user:pw@shop.example.com/db', 'postgres://user:pw@new.test/db'],
  ])('is the whole name: %s', (text, made) => {
    expect(follow(text)).toBe(made)
  })

  it.each([
    'api.shop.example.com',
    'shop.example.com.evil',
    'myshop.example.com',
    'my-shop.example.com',
    'shop.example.community',
    'shop.example.com-x',
    'éshop.example.com',
    'mail info@shop.example.com',
    'shop',
    'http://shop/',
    'shop.example',
  ])('is no part of another: %s', (text) => {
    expect(follow(text)).toBe(text)
  })

  it('changes nothing else of any text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('shop.example.com', '@', '.', '%2F', '-', ' ', '://'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const made = follow(text)
        expect(made.replaceAll('new.test', '').length).toBeLessThanOrEqual(text.length)
        expect(made.split('new.test').join('shop.example.com').toLowerCase()).toBe(text.toLowerCase())
      }),
      { numRuns: 2000 },
    )
  })
})
