import { describe, expect, it } from 'vitest'
import { checkFolder } from '../../src/manifests/check-folder.ts'
import { printPreview } from '../../src/manifests/preview-file.ts'
import { printManifest } from '../../src/manifests/print.ts'
import { only } from './only.ts'
import { previewOf } from './preview-sample.ts'

const preview = previewOf()
const faultsWith = (apiVersion: string, kind: string, name: string) =>
  checkFolder({
    path: 'previews/shop/pr-7',
    app: 'shop',
    pull: 7,
    preview: printPreview(preview),
    manifests: new Map([
      ['namespace.yaml', printManifest(only('v1', 'Namespace', { metadata: { name: preview.namespace } }))],
      ['object.yaml', printManifest(only(apiVersion, kind, { metadata: { name } }))],
    ]),
  }).faults.map(({ words }) => words)

describe('a cluster-scoped object in a preview’s folder', () => {
  it('is the preview’s own where it is named after its namespace', () => {
    expect(faultsWith('rbac.authorization.k8s.io/v1', 'ClusterRole', `${preview.namespace}.reader`)).toEqual([])
  })

  it.each([
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'reader'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'westage-shop-other.reader'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', `${preview.namespace}-2.reader`],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${preview.namespace}.acme.test`],
  ])('is refused otherwise: %s %s %s', (apiVersion, kind, name) => {
    expect(faultsWith(apiVersion, kind, name)).toEqual([`${kind}/${name} is outside of every namespace: remove it`])
  })
})
