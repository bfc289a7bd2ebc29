import { describe, expect, it } from 'vitest'
import { exposedUrlsOf } from '../../../src/manifests/hosts/exposed.ts'
import { renameHosts } from '../../../src/manifests/hosts/hosts.ts'
import type { Target } from '../../../src/manifests/target.ts'
import { hostRulesOf, manifestsOf, targetOf } from '../sample.ts'

const ingress = (
  hosts: readonly (string | null)[],
  tls?: readonly object[],
  name = 'web',
  apiVersion = 'networking.k8s.io/v1',
) =>
  JSON.stringify({
    apiVersion,
    kind: 'Ingress',
    metadata: { name },
    spec: {
      rules: hosts.map((host) => (host === null ? { http: {} } : { host, http: {} })),
      ...(tls === undefined ? {} : { tls }),
    },
  })
const prefixed = (yaml: string, changes: Partial<Target> = {}) => renameHosts(manifestsOf(yaml), targetOf(changes))
const urls = (yaml: string, changes: Partial<Target> = {}) =>
  exposedUrlsOf(prefixed(yaml, changes), targetOf(changes)).map(({ url }) => url)

describe('the hosts of an Ingress', () => {
  it('become the preview’s own, in rules and in TLS', () => {
    const yaml = ingress(
      ['shop.example.test', 'api.example.test'],
      [{ hosts: ['shop.example.test'], secretName: 'tls' }],
    )
    expect(prefixed(yaml)[0]?.spec).toEqual({
      rules: [
        { host: 'feat-cart-shop.example.test', http: {} },
        { host: 'feat-cart-api.example.test', http: {} },
      ],
      tls: [{ hosts: ['feat-cart-shop.example.test'], secretName: 'tls' }],
    })
  })

  it('are those that the default backend answers for, where each rule has one and no path for all', () => {
    const backend = { service: { name: 'web', port: { number: 80 } } }
    const api = { path: '/api', pathType: 'Prefix', backend: { service: { name: 'api', port: { number: 80 } } } }
    const all = { ...api, path: '/' }
    const exact = { ...all, pathType: 'Exact' }
    const spec = (rules: readonly object[], field = 'defaultBackend', apiVersion = 'networking.k8s.io/v1') =>
      prefixed(
        JSON.stringify({ apiVersion, kind: 'Ingress', metadata: { name: 'web' }, spec: { [field]: backend, rules } }),
      )[0]?.spec
    const own = (host: string, paths: readonly object[]) => ({ host: `feat-cart-${host}`, http: { paths } })
    const last = { path: '/', pathType: 'Prefix', backend }
    expect(
      spec([
        { host: 'a.test', http: { paths: [api] } },
        { host: 'a.test', http: { paths: [exact] } },
        { host: 'b.test', http: { paths: [all, api] } },
        { host: 'c.test' },
      ]),
    ).toEqual({
      rules: [own('a.test', [api, last]), own('a.test', [exact]), own('b.test', [all, api]), own('c.test', [last])],
    })
    expect(spec([{ host: 'a.test' }], 'backend', 'extensions/v1beta1')).toEqual({
      rules: [own('a.test', [{ path: '/', backend }])],
    })
    const open = [{ host: 'a.test' }, { http: { paths: [api] } }]
    expect(spec(open)).toEqual({ defaultBackend: backend, rules: [{ host: 'feat-cart-a.test' }, open[1]] })
    expect(spec([])).toEqual({ defaultBackend: backend, rules: [] })
  })

  it.each([
    ['{slug}.{host}', 'feat-cart.shop.example.test'],
    ['pr-{pr}-{app}-{slug}-{host}', 'pr-7-shop-feat-cart-shop.example.test'],
  ])('follow the template %s', (template, host) => {
    expect(prefixed(ingress(['shop.example.test']), hostRulesOf({ template }))[0]?.spec).toEqual({
      rules: [{ host, http: {} }],
    })
  })

  it('are found in old API versions too', () => {
    const yaml = ingress(['shop.example.test'], undefined, 'web', 'extensions/v1beta1')
    expect(prefixed(yaml)[0]?.spec).toEqual({ rules: [{ host: 'feat-cart-shop.example.test', http: {} }] })
  })

  it('stay none where there are none', () => {
    const manifests = manifestsOf(`${ingress([null])}\n---\n${ingress([''], [{ secretName: 'tls' }], 'empty')}`)
    expect(renameHosts(manifests, targetOf())).toEqual(manifests)
    expect(exposedUrlsOf(manifests, targetOf())).toEqual([])
  })

  it('may share an address where one host stands in several Ingresses', () => {
    const yaml = `${ingress(['shop.example.test'])}\n---\n${ingress(['shop.example.test'], [{ hosts: ['shop.example.test'] }], 'api')}`
    expect(urls(yaml)).toEqual(['https://feat-cart-shop.example.test'])
  })

  it('are refused where a rule takes a whole domain', () => {
    expect(() => prefixed(ingress(['*.example.test']))).toThrow(
      'Ingress/web: spec.rules.host: *.example.test is a wildcard',
    )
  })

  it('are named one by one where a wildcard in TLS covers them', () => {
    const hosts = ['shop.example.test', 'api.example.test', 'a.b.example.test']
    expect(prefixed(ingress(hosts, [{ hosts: ['*.example.test', 'api.example.test'] }]))[0]?.spec).toMatchObject({
      tls: [{ hosts: ['feat-cart-shop.example.test', 'feat-cart-api.example.test'] }],
    })
    expect(() => prefixed(ingress(['shop.test'], [{ hosts: ['*.example.test'] }]))).toThrow(
      'covers no host of its rules',
    )
  })

  it.each(['Shop.example.test', 'shop_1.example.test', 'shop..test', '{host}.test', 'a b', `${'a'.repeat(64)}.test`])(
    'are refused where they are no hosts: %s',
    (host) => {
      expect(() => prefixed(ingress([host]))).toThrow('Ingress/web: spec.rules.host')
    },
  )

  it.each(['10.0.0.1', 'shop.0x1', '10'])('are refused where no browser could open them: %s', (host) => {
    const template = hostRulesOf({ template: '{slug}.{host}' })
    expect(() => prefixed(ingress([host]), template)).toThrow(
      `Ingress/web: spec.rules.host: ${host} would become feat-cart.${host}, which no browser opens`,
    )
  })

  it.each(['A', '*.'])('are told cut where they are long and refused: %s', (start) => {
    const host = `${start}${'a'.repeat(50_000)}`
    expect(() => prefixed(ingress([host]))).toThrow(/^.{100,500}$/)
    expect(() => prefixed(ingress(['shop.test'], [{ hosts: [host] }]))).toThrow(/^.{100,500}$/)
  })

  it('stay two where they are two, however long', () => {
    const long = `${'a'.repeat(60)}`
    const made = urls(ingress([`${long}b.example.test`, `${long}c.example.test`]))
    expect(new Set(made).size).toBe(2)
    for (const url of made) expect(new URL(url).hostname.split('.')[0]?.length).toBeLessThanOrEqual(63)
  })

  it('are refused where two would become one', () => {
    const yaml = ingress(['shop.example.test', 'api.example.test'])
    expect(() => prefixed(yaml, hostRulesOf({ template: '{slug}.example.test' }))).toThrow(
      'the hosts shop.example.test and api.example.test would both become feat-cart.example.test',
    )
  })

  it('are cut, with a hash of the whole, where they would become too long', () => {
    const host = Array.from({ length: 5 }, () => 'a'.repeat(49)).join('.')
    const [made] = urls(ingress([host]), hostRulesOf({ template: '{slug}.{host}' }))
    expect(made).toMatch(/^http:\/\/feat-cart-[0-9a-f]{6}(\.a{49}){4}$/)
  })
})

describe('the addresses of a preview', () => {
  const tls = ingress(['shop.example.test', 'api.example.test'], [{ hosts: ['shop.example.test'] }])
  it('are https where TLS covers the host, in the order of the rules', () => {
    expect(urls(tls)).toEqual(['https://feat-cart-shop.example.test', 'http://feat-cart-api.example.test'])
  })

  it('are https where an Ingress has TLS for all its hosts', () => {
    expect(urls(ingress(['shop.example.test'], [{ secretName: 'tls' }]))).toEqual([
      'https://feat-cart-shop.example.test',
    ])
  })

  it('have the scheme and the port that are set', () => {
    expect(urls(tls, hostRulesOf({ scheme: 'https', port: 8443 }))[1]).toBe('https://feat-cart-api.example.test:8443')
    expect(urls(tls, hostRulesOf({ scheme: 'http', port: 80 }))[0]).toBe('http://feat-cart-shop.example.test')
  })
})
