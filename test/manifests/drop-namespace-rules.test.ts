import { describe, expect, it } from 'vitest'
import { bundleOf } from '../../src/manifests/bundle.ts'
import { dropNamespaceRules, NAMESPACE_RULES } from '../../src/manifests/drop-namespace-rules.ts'
import { manifestsOf, targetOf } from './sample.ts'

const object = (apiVersion: string, kind: string) =>
  JSON.stringify({ apiVersion, kind, metadata: { name: 'shop' }, spec: {} })
const RULES = [
  ['v1', 'ResourceQuota'],
  ['v1', 'LimitRange'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['extensions/v1beta1', 'NetworkPolicy'],
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['crd.projectcalico.org/v1', 'NetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkPolicy'],
] as const

describe('the rules of a namespace', () => {
  it.each(RULES)('are not a pull request’s to make: %s %s', (apiVersion, kind) => {
    const manifests = manifestsOf(`${object(apiVersion, kind)}\n---\n${object('v1', 'Service')}`)
    expect(dropNamespaceRules(manifests, targetOf()).map((kept) => kept.kind)).toEqual(['Service'])
    const kinds = bundleOf(manifests, targetOf()).manifests.map((kept) => kept.kind)
    expect(kinds).toEqual(['Namespace', 'Service'])
  })

  it('are all tried here', () => {
    const tried = RULES.map(([apiVersion, kind]) => {
      const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
      return `${kind}${group}`
    })
    expect(tried.toSorted()).toEqual(NAMESPACE_RULES.toSorted())
  })

  it('are not confused with what only has such a name', () => {
    const manifests = manifestsOf(`${object('example.test/v1', 'ResourceQuota')}\n---\n${object('v1', 'ConfigMap')}`)
    expect(dropNamespaceRules(manifests, targetOf())).toEqual(manifests)
  })

  it('alone are no preview', () => {
    const manifests = manifestsOf(object('v1', 'ResourceQuota'))
    expect(() => bundleOf(manifests, targetOf())).toThrow('nothing is left to preview')
  })
})
