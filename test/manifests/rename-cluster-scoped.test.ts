import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { moveToNamespace } from '../../src/manifests/move-to-namespace.ts'
import { renameClusterScoped } from '../../src/manifests/rename-cluster-scoped.ts'
import { deployment, first, only } from './only.ts'
import { manifestsOf, targetOf } from './sample.ts'

const OWN = 'westage-shop-feat-cart'
const NEW = `${OWN}.own`
const named = (apiVersion: string, kind: string, rest: JsonObject = {}) =>
  only(apiVersion, kind, { ...rest, metadata: { name: 'own' } })
const after = (...manifests: readonly Manifest[]) => renameClusterScoped(manifests, targetOf())
const RBAC = 'rbac.authorization.k8s.io'

const CLASSES: readonly (readonly [string, string])[] = [
  [`${RBAC}/v1`, 'ClusterRole'],
  [`${RBAC}/v1`, 'ClusterRoleBinding'],
  ['v1', 'PersistentVolume'],
  ['storage.k8s.io/v1', 'StorageClass'],
  ['storage.k8s.io/v1', 'VolumeAttributesClass'],
  ['snapshot.storage.k8s.io/v1', 'VolumeSnapshotClass'],
  ['scheduling.k8s.io/v1', 'PriorityClass'],
  ['node.k8s.io/v1', 'RuntimeClass'],
  ['networking.k8s.io/v1', 'IngressClass'],
  ['gateway.networking.k8s.io/v1', 'GatewayClass'],
  ['cert-manager.io/v1', 'ClusterIssuer'],
  ['external-secrets.io/v1', 'ClusterSecretStore'],
  ['argoproj.io/v1alpha1', 'ClusterAnalysisTemplate'],
  ['keda.sh/v1alpha1', 'ClusterTriggerAuthentication'],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
]

/** What refers to each, with the kinds of the table above by name. */
const REFERENCES: readonly (readonly [string, Manifest])[] = [
  ['ClusterRole', only(`${RBAC}/v1`, 'RoleBinding', { roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'own' } })],
  ['ClusterRole', only(`${RBAC}/v1`, 'ClusterRoleBinding', { roleRef: { kind: 'ClusterRole', name: 'own' } })],
  ['StorageClass', only('v1', 'PersistentVolumeClaim', { spec: { storageClassName: 'own' } })],
  [
    'StorageClass',
    only('v1', 'PersistentVolumeClaim', {
      metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'own' } },
    }),
  ],
  [
    'StorageClass',
    only('apps/v1', 'StatefulSet', { spec: { volumeClaimTemplates: [{ spec: { storageClassName: 'own' } }] } }),
  ],
  [
    'StorageClass',
    deployment({ volumes: [{ ephemeral: { volumeClaimTemplate: { spec: { storageClassName: 'own' } } } }] }),
  ],
  ['StorageClass', only('v1', 'PersistentVolume', { spec: { storageClassName: 'own' } })],
  ['PersistentVolume', only('v1', 'PersistentVolumeClaim', { spec: { volumeName: 'own' } })],
  [
    'VolumeSnapshotClass',
    only('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', { spec: { volumeSnapshotClassName: 'own' } }),
  ],
  ['PriorityClass', deployment({ priorityClassName: 'own', containers: [] })],
  ['RuntimeClass', only('v1', 'Pod', { spec: { runtimeClassName: 'own' } })],
  ['IngressClass', only('networking.k8s.io/v1', 'Ingress', { spec: { ingressClassName: 'own' } })],
  [
    'IngressClass',
    only('networking.k8s.io/v1', 'Ingress', { metadata: { annotations: { 'kubernetes.io/ingress.class': 'own' } } }),
  ],
  ['GatewayClass', only('gateway.networking.k8s.io/v1', 'Gateway', { spec: { gatewayClassName: 'own' } })],
  [
    'ClusterIssuer',
    only('cert-manager.io/v1', 'Certificate', { spec: { issuerRef: { kind: 'ClusterIssuer', name: 'own' } } }),
  ],
  [
    'ClusterIssuer',
    only('networking.k8s.io/v1', 'Ingress', { metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'own' } } }),
  ],
  [
    'ClusterSecretStore',
    only('external-secrets.io/v1', 'ExternalSecret', {
      spec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'own' } },
    }),
  ],
  [
    'ClusterAnalysisTemplate',
    only('argoproj.io/v1alpha1', 'Rollout', {
      spec: {
        strategy: { canary: { steps: [{ analysis: { templates: [{ templateName: 'own', clusterScope: true }] } }] } },
      },
    }),
  ],
  [
    'ClusterAnalysisTemplate',
    only('argoproj.io/v1alpha1', 'Rollout', {
      spec: {
        strategy: { blueGreen: { prePromotionAnalysis: { templates: [{ templateName: 'own', clusterScope: true }] } } },
      },
    }),
  ],
  [
    'ClusterTriggerAuthentication',
    only('keda.sh/v1alpha1', 'ScaledJob', {
      spec: { triggers: [{ authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'own' } }] },
    }),
  ],
  [
    'ValidatingAdmissionPolicy',
    only('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', { spec: { policyName: 'own' } }),
  ],
  [
    'StorageClass',
    only(`${RBAC}/v1`, 'Role', {
      rules: [{ apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], resourceNames: ['own'], verbs: ['get'] }],
    }),
  ],
]

describe('a cluster-scoped object that is the preview’s own', () => {
  it.each(CLASSES)('has a name of its own: %s %s', (apiVersion, kind) => {
    expect(after(named(apiVersion, kind)).map(({ metadata }) => metadata.name)).toEqual([NEW])
  })

  it.each(REFERENCES)('is followed where it is named: %s in %j', (kind, manifest) => {
    const [apiVersion = ''] = CLASSES.filter(([, one]) => one === kind).flat()
    const [, follower] = after(named(apiVersion, kind), manifest)
    const text = JSON.stringify(follower)
    expect(text.includes(`"${NEW}"`) && !text.includes('"own"')).toBe(true)
  })

  it.each(REFERENCES)('is not followed where it is not among the preview’s: %s in %j', (_, manifest) => {
    const others = CLASSES.map(([apiVersion, kind]) => only(apiVersion, kind, { metadata: { name: 'other' } }))
    expect(JSON.stringify(after(manifest, ...others)[0])).toContain('"own"')
  })

  it('is not confused with a namespaced one of the same name', () => {
    const issuer = only('cert-manager.io/v1', 'Certificate', { spec: { issuerRef: { kind: 'Issuer', name: 'own' } } })
    const role = only(`${RBAC}/v1`, 'RoleBinding', { roleRef: { kind: 'Role', name: 'own' } })
    const made = after(named('cert-manager.io/v1', 'ClusterIssuer'), named(`${RBAC}/v1`, 'ClusterRole'), issuer, role)
    expect(made.slice(2)).toEqual([issuer, role])
  })

  it('has a name of at most 253 characters, and two long ones stay two', () => {
    const names = [`${'a'.repeat(240)}b`, `${'a'.repeat(240)}c`].map(
      (name) => first(after(only('node.k8s.io/v1', 'RuntimeClass', { metadata: { name } }))).metadata.name,
    )
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^westage-shop-feat-cart\.a+-[0-9a-f]{10}$/)
    expect(names.map((name) => name.length)).toEqual([253, 253])
  })

  it('is no default of the cluster', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    const storage = only('storage.k8s.io/v1', 'StorageClass', { metadata: { annotations } })
    expect(first(after(storage)).metadata).toEqual({ name: `${OWN}.x` })
    const priority = only('scheduling.k8s.io/v1', 'PriorityClass', { value: 1, globalDefault: true })
    expect(first(after(priority))).toMatchObject({ value: 1, globalDefault: false })
  })

  it('is in no namespace, and names the preview’s where it named the app’s', () => {
    const moved = moveToNamespace(
      after(
        ...manifestsOf(`
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: ${RBAC}/v1
kind: ClusterRoleBinding
metadata: {name: own, namespace: shop}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}, {kind: ServiceAccount, name: web}, {kind: User, name: "system:serviceaccount:shop:web"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: own, annotations: {cert-manager.io/inject-ca-from: shop/serving}}
webhooks:
- clientConfig: {service: {name: web, namespace: shop}}
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: own}
spec: {claimRef: {name: data, namespace: shop}}
`),
      ),
      targetOf(),
    )
    expect(moved.slice(2)).toMatchObject([
      {
        subjects: [
          { name: 'web', namespace: OWN },
          { name: 'web', namespace: OWN },
          { name: `system:serviceaccount:${OWN}:web` },
        ],
      },
      {
        metadata: { annotations: { 'cert-manager.io/inject-ca-from': `${OWN}/serving` } },
        webhooks: [
          {
            clientConfig: { service: { name: 'web', namespace: OWN } },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': OWN } },
          },
        ],
      },
      { spec: { claimRef: { name: 'data', namespace: OWN } } },
    ])
    expect(moved.slice(2).map(({ metadata }) => [metadata.name, metadata.namespace])).toEqual(
      [NEW, NEW, NEW].map((name) => [name, undefined]),
    )
  })
})

describe('a cluster-scoped object that can’t be the preview’s own', () => {
  it('is refused, all of them at once', () => {
    const manifests = [
      only('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { metadata: { name: 'widgets.acme.test' } }),
      only('apiregistration.k8s.io/v1', 'APIService'),
      only('v1', 'Node'),
      only('kyverno.io/v1', 'ClusterPolicy'),
    ]
    expect(() => after(...manifests)).toThrow(
      expect.objectContaining({
        whose: 'author',
        message: expect.stringContaining(
          'CustomResourceDefinition/widgets.acme.test, APIService/x, Node/x, ClusterPolicy/x',
        ),
      }),
    )
  })

  it('is refused where it takes part in roles of the whole cluster', () => {
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' }
    expect(() => after(only(`${RBAC}/v1`, 'ClusterRole', { metadata: { labels } }))).toThrow('aggregate-to-admin')
    const rule = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { app: 'shop' } }] } }
    expect(() => after(only(`${RBAC}/v1`, 'ClusterRole', rule))).toThrow('ClusterRole/x: aggregationRule')
  })

  it('does not matter for the app’s own Namespace, which is left out', () => {
    const service = only('v1', 'Service')
    expect(after(only('v1', 'Namespace'), service)).toEqual([service])
  })
})
