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
      'v1',
      'PersistentVolumeClaim',
      { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'seed', namespace: 'shop' } },
      { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'seed', namespace: OWN } },
    ],
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
    [
      'traefik.io/v1alpha1',
      'IngressRoute',
      { parentRefs: [{ name: 'parent', namespace: 'default' }] },
      { parentRefs: [{ name: 'parent', namespace: OWN }] },
    ],
    [
      'flows.knative.dev/v1',
      'Sequence',
      {
        steps: [{ ref: { kind: 'Service', name: 'a', namespace: 'shop' } }],
        reply: { ref: { namespace: 'elsewhere' } },
      },
      { steps: [{ ref: { kind: 'Service', name: 'a', namespace: OWN } }], reply: { ref: { namespace: 'elsewhere' } } },
    ],
    [
      'bindings.knative.dev/v1',
      'KafkaBinding',
      { subject: { kind: 'Service', namespace: 'default' } },
      { subject: { kind: 'Service', namespace: OWN } },
    ],
    [
      'security.istio.io/v1',
      'AuthorizationPolicy',
      {
        rules: [
          {
            from: [
              {
                source: { namespaces: ['shop', 'ops'], principals: ['cluster.local/ns/shop/sa/web', 'a/ns/ops/sa/x'] },
              },
            ],
          },
        ],
      },
      {
        rules: [
          {
            from: [
              { source: { namespaces: [OWN, 'ops'], principals: [`cluster.local/ns/${OWN}/sa/web`, 'a/ns/ops/sa/x'] } },
            ],
          },
        ],
      },
    ],
    ['networking.istio.io/v1', 'ServiceEntry', { exportTo: ['.', 'shop'] }, { exportTo: ['.', OWN] }],
    [
      'networking.istio.io/v1',
      'Sidecar',
      { egress: [{ hosts: ['shop/*', './*'] }] },
      { egress: [{ hosts: [`${OWN}/*`, './*'] }] },
    ],
    [
      'projectcontour.io/v1',
      'TLSCertificateDelegation',
      { delegations: [{ secretName: 'a', targetNamespaces: ['shop', '*'] }] },
      { delegations: [{ secretName: 'a', targetNamespaces: [OWN, '*'] }] },
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

  it.each([
    [
      'traefik.ingress.kubernetes.io/router.middlewares',
      'shop-auth@kubernetescrd,my-shop-b@kubernetescrd,a@file',
      `${OWN}-auth@kubernetescrd,my-shop-b@kubernetescrd,a@file`,
    ],
    ['projectcontour.io/tls-cert-namespace', 'shop', OWN],
    ['cert-manager.io/inject-ca-from', 'other/ca', 'other/ca'],
  ])('follows in the annotation %s: %s', (name, before, after) => {
    const metadata = { name: 'x', namespace: 'shop', annotations: { [name]: before } }
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata }
    expect(movedOne(JSON.stringify(ingress))?.metadata.annotations).toEqual({ [name]: after })
  })

  it('follows where the configuration says that the app lives there', () => {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'x' },
      subjects: ['legacy', 'other'].map((namespace) => ({ kind: 'ServiceAccount', name: 'a', namespace })),
    }
    const target = targetOf({ formerNamespaces: ['legacy'] })
    expect(moveToNamespace(manifestsOf(JSON.stringify(binding)), target)[1]?.subjects).toMatchObject([
      { namespace: OWN },
      { namespace: 'other' },
    ])
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
