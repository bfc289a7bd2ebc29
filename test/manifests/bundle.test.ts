import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bundleOf, folderFilesOf } from '../../src/manifests/bundle.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { kustomizedText, readByKubectl, skipReason } from './kubectl.ts'
import { previewOf } from './preview-sample.ts'
import { BUILT, manifestsOf, targetOf } from './sample.ts'

const shop = readFileSync(new URL('golden/shop.yaml', import.meta.url), 'utf8')
const target = targetOf({ image: { built: BUILT, replaces: null } })
const preview = previewOf()

describe('a preview’s folder', () => {
  it('holds the app’s objects made the preview’s own, and what preview.yaml says of them', async () => {
    const bundle = bundleOf(manifestsOf(shop), target)
    const { hosts, url, images } = bundle
    const files = folderFilesOf(bundle, { ...preview, hosts, url, images })
    const folder = [...files].map(([path, text]) => `# ${path}\n${text}`).join('---\n')
    await expect(folder).toMatchFileSnapshot('golden/shop.golden.yaml')
  })

  it('is the same text for the same input', () => {
    const [first, second] = [shop, shop].map((yaml) => folderFilesOf(bundleOf(manifestsOf(yaml), target), preview))
    expect(first).toEqual(second)
  })

  it.skipIf(skipReason)(`is for kubectl what it is for WeStage${skipReason}`, () => {
    const { manifests } = bundleOf(parseManifests(kustomizedText(shop)), target)
    const files = [...folderFilesOf({ manifests, hosts: [], url: '', images: {} }, preview)].slice(1)
    const read = readByKubectl(files.map(([, text]) => text).join('---\n'))
    expect(read).toMatchObject([...manifests.values()])
  })

  it('names a file after kind and name, and after the group where two groups have the kind', () => {
    const { manifests } = bundleOf(
      manifestsOf(`
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "acme:Reader"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: acme-reader}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${'a.'.repeat(110)}b}
`),
      targetOf(),
    )
    expect([...manifests.keys()]).toEqual([
      'namespace-westage-shop-feat-cart.yaml',
      'service-web.yaml',
      'service.serving.knative.dev-web.yaml',
      expect.stringMatching(/^role-acme-reader-[0-9a-f]{10}\.yaml$/),
      'role-acme-reader.yaml',
      expect.stringMatching(/^configmap-(a\.)+a?-[0-9a-f]{10}\.yaml$/),
    ])
    for (const file of manifests.keys()) expect(file.length).toBeLessThanOrEqual(125)
  })

  it('is refused where nothing of the app is left to preview', () => {
    const yaml = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
    expect(() => bundleOf(manifestsOf(yaml), targetOf())).toThrow('nothing is left to preview')
  })
})
