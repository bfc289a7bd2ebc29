import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Terminal } from '../../../src/domain/errors.ts'
import { isHost } from '../../../src/manifests/hosts/host-name.ts'
import { renameHosts } from '../../../src/manifests/hosts/hosts.ts'
import { refuseForeignHosts } from '../../../src/manifests/hosts/refuse-foreign-hosts.ts'
import type { HostRules } from '../../../src/manifests/target.ts'
import { hostRulesOf, manifestsOf, targetOf } from '../sample.ts'
import { renamed, renamedText, urlsOf } from './renamed.ts'
import { ASKED, ingress, route, WAYS, yamlOf } from './ways-in.ts'

const label = fc
  .tuple(fc.constantFrom(...'abxz'), fc.stringMatching(/^[a-z0-9-]{0,60}$/), fc.constantFrom(...'abxz'))
  .map((parts) => parts.join(''))
const host = fc
  .array(label, { minLength: 1, maxLength: 5 })
  .map((labels) => [...labels, 'example', 'test'].join('.'))
  // Browsers take xn-- for Punycode, and open nothing that is none.
  .filter((text) => text.length <= 253 && !/(^|\.)xn--/.test(text))
const template = fc.constantFrom(
  '{slug}-{host}',
  '{slug}.{host}',
  '{app}-{pr}-{slug}.{host}',
  '{host}.{slug}.previews.test',
)
const tls = fc.constantFrom<HostRules['tls']>('keep', 'strip', { secret: 'wild' })
const mixture = fc.uniqueArray(fc.tuple(host, fc.nat(WAYS.length - 1), fc.option(fc.nat(ASKED.length - 1))), {
  selector: ([one]) => one,
  minLength: 1,
  maxLength: 12,
})

/** Every name in the renamed manifests. */
const namesIn = (yaml: string, rules: Partial<HostRules>): ReadonlySet<string> =>
  new Set(renamedText(yaml, rules).split(/[^a-z0-9.-]+/))

describe('any mixture of ways in', () => {
  it('answers at as many hosts as before, all of them the preview’s', () => {
    fc.assert(
      fc.property(mixture, template, tls, (parts, form, secured) => {
        const yaml = yamlOf(
          parts.flatMap(([one, way, asked], at) => [
            ...(WAYS[way]?.(`o${at}`, one) ?? []),
            ...(asked === null ? [] : (ASKED[asked]?.(`asked-${at}`, one) ?? [])),
          ]),
        )
        const rules = { template: form, tls: secured }
        const made = urlsOf(yaml, rules).map((url) => new URL(url).hostname)
        expect(made.length).toBe(parts.length)
        expect(new Set(made).size).toBe(parts.length)
        for (const one of made) expect(isHost(one)).toBe(true)
        const names = namesIn(yaml, rules)
        for (const [one] of parts) expect(names).not.toContain(one)
      }),
      { numRuns: 60 },
    )
  })

  it('answers at no host that the author does not expose', () => {
    fc.assert(
      fc.property(mixture, fc.nat(), (parts, choice) => {
        const exposed = parts.filter((_, at) => (choice >> at) % 2 === 0).map(([one]) => one)
        const yaml = yamlOf(parts.flatMap(([one, way], at) => WAYS[way]?.(`o${at}`, one) ?? []))
        expect(urlsOf(yaml, { exposed }).length).toBe(exposed.length)
        const names = namesIn(yaml, { exposed })
        for (const [one] of parts) expect(names).not.toContain(one)
      }),
      { numRuns: 60 },
    )
  })
})

describe('hosts of several kinds', () => {
  const both = yamlOf([...route('api', 'api.example.test'), ...ingress('web', 'shop.example.test')])

  it('are refused where two would become one', () => {
    expect(() => renamed(both, { template: '{slug}.example.test' })).toThrow(
      'the hosts shop.example.test and api.example.test would both become feat-cart.example.test',
    )
  })

  it('are one where one host stands in several', () => {
    const yaml = yamlOf(WAYS.flatMap((way, at) => way(`web-${at}`, 'shop.example.test')))
    expect(urlsOf(yaml)).toEqual(['https://feat-cart-shop.example.test'])
  })

  it('have those of Ingresses first', () => {
    expect(urlsOf(both)).toEqual(['https://feat-cart-shop.example.test', 'http://feat-cart-api.example.test'])
  })

  it('are listed where the author exposes one that there is not', () => {
    expect(() => renamed(both, { exposed: ['SHOP.example.test', 'shop.example.org'] })).toThrow(
      'expose: no manifest answers for shop.example.org; there are shop.example.test, api.example.test',
    )
    const none = '{apiVersion: v1, kind: Service, metadata: {name: a}}'
    expect(() => renamed(none, { exposed: ['a.test'] })).toThrow('they name none')
    expect(urlsOf(both, { exposed: ['API.example.test'] })).toEqual(['http://feat-cart-api.example.test'])
  })
})

describe('objects without hosts', () => {
  it('are the very same', () => {
    const manifests = manifestsOf(`
apiVersion: v1
kind: ConfigMap
metadata: { name: a, annotations: { note: shop } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: tcp }
spec: { parentRefs: [{ name: elsewhere }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: mesh }
spec: { hosts: [web], http: [{ route: [{ destination: { host: web } }] }] }
`)
    const made = renameHosts(manifests, targetOf(hostRulesOf({ exposed: null })))
    expect(made).toEqual(manifests)
    expect(made[0]).toBe(manifests[0])
    expect(made[2]).toBe(manifests[2])
  })
})

describe('hosts of whatever form', () => {
  it('are the preview’s, or refused by object and field', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
      fc.stringMatching(/^[*a-zA-Z0-9.`"\\-]{1,30}$/),
    )
    const wildcards = fc.constantFrom<HostRules['wildcards']>('refuse', 'map')
    fc.assert(
      fc.property(text, fc.nat(WAYS.length - 2), wildcards, (one, way, rule) => {
        const manifests = manifestsOf(yamlOf(WAYS[way]?.('web', one) ?? []))
        try {
          const target = targetOf(hostRulesOf({ wildcards: rule }))
          const made = renameHosts(manifests, target)
          expect(() => refuseForeignHosts(made, target)).not.toThrow()
        } catch (error) {
          expect(error).toBeInstanceOf(Terminal)
          expect(String(error)).toMatch(/^Terminal: [A-Za-z]+\/web: spec\./)
        }
      }),
      { numRuns: 600 },
    )
  })
})
