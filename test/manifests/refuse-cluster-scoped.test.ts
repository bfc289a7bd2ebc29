import { describe, expect, it } from 'vitest'
import { refuseClusterScoped } from '../../src/manifests/refuse-cluster-scoped.ts'
import { manifestsOf, targetOf } from './sample.ts'

const objects = (...kinds: readonly (readonly [string, string])[]) =>
  manifestsOf(
    kinds.map(([apiVersion, kind]) => JSON.stringify({ apiVersion, kind, metadata: { name: 'shop' } })).join('\n---\n'),
  )

describe('what lives outside a namespace', () => {
  it('is refused, all of it at once', () => {
    const manifests = objects(
      ['v1', 'Service'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
      ['cert-manager.io/v1', 'ClusterIssuer'],
      ['constraints.gatekeeper.sh/v1beta1', 'K8sRequiredLabels'],
    )
    expect(() => refuseClusterScoped(manifests, targetOf())).toThrow(
      expect.objectContaining({
        whose: 'author',
        message: expect.stringContaining('ClusterRole/shop, ClusterIssuer/shop, K8sRequiredLabels/shop'),
      }),
    )
  })

  it.each([
    ['v1', 'PersistentVolume'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    ['apiregistration.k8s.io/v1', 'APIService'],
    ['storage.k8s.io/v1', 'StorageClass'],
    ['scheduling.k8s.io/v1', 'PriorityClass'],
    ['networking.k8s.io/v1', 'IngressClass'],
    ['gateway.networking.k8s.io/v1', 'GatewayClass'],
    ['argoproj.io/v1alpha1', 'ClusterAnalysisTemplate'],
  ])('is refused in whatever version: %s %s', (apiVersion, kind) => {
    const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['']
    for (const version of [apiVersion, group === '' ? 'v2' : `${group}/v9`]) {
      expect(() => refuseClusterScoped(objects([version, kind]), targetOf())).toThrow(`${kind}/shop`)
    }
  })

  it('is not confused with a namespaced kind of the same name in another group', () => {
    const manifests = objects(
      ['postgresql.cnpg.io/v1', 'Cluster'],
      ['example.test/v1', 'Namespace'],
      ['acme.test/v1', 'Node'],
    )
    expect(refuseClusterScoped(manifests, targetOf())).toEqual(manifests)
  })

  it('does not matter for the app’s own Namespace, which is left out', () => {
    const kept = refuseClusterScoped(objects(['v1', 'Namespace'], ['v1', 'Service']), targetOf())
    expect(kept.map(({ kind }) => kind)).toEqual(['Service'])
  })
})
