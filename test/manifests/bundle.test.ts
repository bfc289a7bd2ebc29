import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bundleOf } from '../../src/manifests/bundle.ts'
import { folderFilesOf } from '../../src/manifests/compose.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { kustomizedText, readByKubectl, skipReason } from './kubectl.ts'
import { previewOf } from './preview-sample.ts'
import { BUILT, manifestsOf, targetOf, wholeOf } from './sample.ts'

const shop = readFileSync(new URL('golden/shop.yaml', import.meta.url), 'utf8')
const target = targetOf({ images: [{ name: null, built: BUILT, replaces: null }] })
const preview = previewOf()

describe('a preview’s folder', () => {
  it('holds the app’s objects made the preview’s own, and what preview.yaml says of them', async () => {
    const { files, hosts, url, images } = wholeOf(manifestsOf(shop), target)
    const texts = folderFilesOf(files, { ...preview, hosts, url, images })
    const folder = [...texts].map(([path, text]) => `# ${path}\n${text}`).join('---\n')
    await expect(folder).toMatchFileSnapshot('golden/shop.golden.yaml')
  })

  it('is the same text for the same input', () => {
    const [first, second] = [shop, shop].map((yaml) => folderFilesOf(wholeOf(manifestsOf(yaml), target).files, preview))
    expect(first).toEqual(second)
  })

  it.skipIf(skipReason)(`is for kubectl what it is for WeStage${skipReason}`, () => {
    const { files } = wholeOf(parseManifests(kustomizedText(shop)), target)
    const texts = [...folderFilesOf(files, preview)].slice(1)
    const read = readByKubectl(texts.map(([, text]) => text).join('---\n'))
    expect(read).toMatchObject([...files.values()])
  })

  it('names a file after kind and name, and after the group where it is not Kubernetes’ own', () => {
    const { files } = wholeOf(
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
    expect([...files.keys()]).toEqual([
      'namespace-westage-shop-feat-cart.yaml',
      'service-web.yaml',
      'service.serving.knative.dev-web.yaml',
      expect.stringMatching(/^role-acme-reader-[0-9a-f]{10}\.yaml$/),
      'role-acme-reader.yaml',
      expect.stringMatching(/^configmap-(a\.)+a?-[0-9a-f]{10}\.yaml$/),
    ])
    for (const file of files.keys()) expect(file.length).toBeLessThanOrEqual(125)
  })

  it('is refused where nothing of the app is left to preview', () => {
    const yaml = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
    expect(() => bundleOf(manifestsOf(yaml), targetOf())).toThrow('nothing is left to preview')
  })
})
