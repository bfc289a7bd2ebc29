import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { moveToNamespace } from '../../src/manifests/move-to-namespace.ts'
import { manifestsOf, targetOf } from './sample.ts'

const OWN = 'westage-shop-feat-cart'
const moved = (yaml: string) => moveToNamespace(manifestsOf(yaml), targetOf())
/** One object of the app's namespace `shop`, as moved. */
const movedOne = (yaml: string): Manifest | undefined =>
  moved(`${yaml}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: shop}`)[1]

describe('the namespace of a preview', () => {
  it('comes first, in a wave before all others', () => {
    const wave = (of: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s${of}, annotations: {argocd.argoproj.io/sync-wave: "${of}"}}`
    expect(moved(wave('-5'))[0]).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: OWN, annotations: { 'argocd.argoproj.io/sync-wave': '-100' } },
    })
    expect(moved(`${wave('-5')}\n---\n${wave('-300')}`)[0]?.metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-wave': '-301',
    })
  })

  it('holds every object, wherever it was', () => {
    const all = moved(`
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
---
apiVersion: acme.test/v1
kind: Widget
metadata: {name: w, namespace: kube-system}
`)
    expect(all.slice(1).map(({ metadata }) => metadata.namespace)).toEqual([OWN, OWN, OWN])
  })

  it('can’t hold two objects that only their namespaces told apart', () => {
    const role = (namespace: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: ${namespace}}`
    expect(() => moved(`${role('shop')}\n---\n${role('billing')}`)).toThrow(
      'Secret/key is there twice, in shop and billing',
    )
  })
})

describe('a reference to a namespace', () => {
  it('follows in the subjects of a RoleBinding, in each form that RBAC has', () => {
    const binding = movedOne(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
subjects:
- {kind: ServiceAccount, name: web, namespace: shop}
- {kind: ServiceAccount, name: web}
- {kind: ServiceAccount, name: web, namespace: default}
- {kind: ServiceAccount, name: prometheus, namespace: monitoring}
- {kind: User, name: "system:serviceaccount:shop:web"}
- {kind: Group, name: "system:serviceaccounts:shop"}
- {kind: Group, name: "system:serviceaccounts"}
- {kind: User, name: shop}
`)
    expect(binding?.subjects).toEqual([
      { kind: 'ServiceAccount', name: 'web', namespace: OWN },
      { kind: 'ServiceAccount', name: 'web', namespace: OWN },
      { kind: 'ServiceAccount', name: 'web', namespace: OWN },
      { kind: 'ServiceAccount', name: 'prometheus', namespace: 'monitoring' },
      { kind: 'User', name: `system:serviceaccount:${OWN}:web` },
      { kind: 'Group', name: `system:serviceaccounts:${OWN}` },
      { kind: 'Group', name: 'system:serviceaccounts' },
      { kind: 'User', name: 'shop' },
    ])
  })

  it.each<[string, string, object, object]>([
    ['v1', 'Service', { externalName: 'db.shop.svc.cluster.local' }, { externalName: `db.${OWN}.svc.cluster.local` }],
    ['v1', 'Service', { externalName: 'db.shop.example.com' }, { externalName: 'db.shop.example.com' }],
    ['v1', 'Service', { externalName: 'db.data.svc' }, { externalName: 'db.data.svc' }],
    [
      'monitoring.coreos.com/v1',
      'ServiceMonitor',
      { namespaceSelector: { matchNames: ['shop', 'kube-system'] } },
      { namespaceSelector: { matchNames: [OWN, 'kube-system'] } },
    ],
    [
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      {
        parentRefs: [
          { name: 'g', namespace: 'gateways' },
          { name: 'own', namespace: 'shop' },
        ],
        rules: [{ backendRefs: [{ name: 'web', namespace: 'shop', port: 80 }] }],
      },
      {
        parentRefs: [
          { name: 'g', namespace: 'gateways' },
          { name: 'own', namespace: OWN },
        ],
        rules: [{ backendRefs: [{ name: 'web', namespace: OWN, port: 80 }] }],
      },
    ],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }] }] },
      { ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': OWN } } }] }] },
    ],
    [
      'traefik.io/v1alpha1',
      'IngressRoute',
      { routes: [{ match: 'Host(`a`)', services: [{ name: 'web', namespace: 'shop' }] }] },
      { routes: [{ match: 'Host(`a`)', services: [{ name: 'web', namespace: OWN }] }] },
    ],
    [
      'networking.istio.io/v1',
      'VirtualService',
      {
        hosts: ['web.shop.svc.cluster.local'],
        gateways: ['shop/front', 'mesh'],
        http: [{ route: [{ destination: { host: 'web.shop.svc' } }] }],
      },
      {
        hosts: [`web.${OWN}.svc.cluster.local`],
        gateways: [`${OWN}/front`, 'mesh'],
        http: [{ route: [{ destination: { host: `web.${OWN}.svc` } }] }],
      },
    ],
    ['acme.test/v1', 'Widget', { namespace: 'shop' }, { namespace: 'shop' }],
  ])('follows where %s %s has one: %j', (apiVersion, kind, spec, expected) => {
    const metadata = { name: 'x', namespace: 'shop' }
    expect(movedOne(JSON.stringify({ apiVersion, kind, metadata, spec }))?.spec).toEqual(expected)
  })

  it('follows in the annotations by which ingress-nginx finds Secrets', () => {
    const annotations = { 'nginx.ingress.kubernetes.io/auth-secret': 'shop/users', note: 'shop/users' }
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'x', annotations } }
    expect(movedOne(JSON.stringify(ingress))?.metadata.annotations).toEqual({
      'nginx.ingress.kubernetes.io/auth-secret': `${OWN}/users`,
      note: 'shop/users',
    })
  })

  it('stays in what the app keeps for itself', () => {
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x' },
      data: { namespace: 'shop', name: 'web' },
    }
    expect(movedOne(JSON.stringify(map))?.data).toEqual(map.data)
  })
})
