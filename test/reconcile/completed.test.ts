import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { completed } from '../../src/reconcile/completed.ts'
import { manifestsOf, NO_GUARDS, targetOf } from '../manifests/sample.ts'
import { REQUEST } from './shop.ts'

const ingressAt = (host: string, name = 'web'): readonly Manifest[] =>
  manifestsOf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name} }
spec: { rules: [{ host: ${host}, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }] }
`)

/** What publish makes of what a worker handed over, beside what operators have in common/. */
const published = (manifests: readonly Manifest[], common = new Map<string, string>()) =>
  completed(
    { bundle: { manifests, images: {} }, notices: [] },
    {
      ...{ target: targetOf(), policy: REQUEST.policy, guards: NO_GUARDS, addons: REQUEST.addons },
      ...{ wanted: {}, seed: null, files: new Map(), kinds: null, common },
    },
  ).content

describe('what a worker handed over', () => {
  it('is published at hosts of the preview, and at no other', () => {
    expect(published(ingressAt('feat-cart-shop.example.test')).hosts).toEqual(['feat-cart-shop.example.test'])
    expect(() => published(ingressAt('shop.example.test'))).toThrow(
      'Ingress/web: spec.rules.host: shop.example.test is not a host of this preview',
    )
  })

  it('stands beside hosts of common/, which become the preview’s', () => {
    const text = JSON.stringify(ingressAt('docs.example.test', 'docs')[0])
    const { hosts } = published(ingressAt('feat-cart-shop.example.test'), new Map([['common/docs.yaml', text]]))
    expect(hosts).toEqual(['feat-cart-shop.example.test', 'feat-cart-docs.example.test'])
  })
})
