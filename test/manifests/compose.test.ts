import { describe, expect, it } from 'vitest'
import { commonManifestsOf } from '../../src/manifests/common.ts'
import { CommonFault } from '../../src/manifests/common-fault.ts'
import { objectOf } from '../../src/manifests/json.ts'
import { annotationsOf, objectName } from '../../src/manifests/manifest.ts'
import { first } from './only.ts'
import { manifestsOf, targetOf, wholeOf } from './sample.ts'

const APP = manifestsOf(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { spec: { containers: [{ name: web, image: web }] } } }
---
apiVersion: v1
kind: Secret
metadata: { name: db, namespace: shop }
stringData: { password: theirs }
`)
const SECRET = 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: db }\nspec: {}\n'
const whole = (additions: Parameters<typeof wholeOf>[2]) => wholeOf(APP, targetOf(), additions)
const namesIn = (additions: Parameters<typeof wholeOf>[2]) => [...whole(additions).files.values()].map(objectName)
const found = (additions: Parameters<typeof wholeOf>[2], name: string) =>
  [...whole(additions).files.values()].find((manifest) => objectName(manifest) === name)

describe('what operators have in common/', () => {
  const common = commonManifestsOf(new Map([['common/db.yaml', SECRET]]))

  it('goes into the preview, through the same transforms', () => {
    expect(namesIn({ common })).toEqual([
      'Namespace/westage-shop-feat-cart',
      'ExternalSecret/db',
      'Deployment/web',
      'Secret/db',
    ])
    expect(found({ common }, 'ExternalSecret/db')?.metadata).toMatchObject({
      namespace: 'westage-shop-feat-cart',
      labels: { 'westage.dev/app': 'shop', 'westage.dev/pull': '7' },
    })
  })

  it('takes the place of an object of the app that is called the same, which is told', () => {
    const other = manifestsOf('apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { password: ours }')
    expect(whole({ common: other }).replaced).toEqual(['Secret/db'])
    expect(found({ common: other }, 'Secret/db')).toMatchObject({ stringData: { password: 'ours' } })
    expect(whole({ common }).replaced).toEqual([])
  })

  it('adds its hosts to those that the preview answers for', () => {
    const ingress = manifestsOf(
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: docs }\nspec: { rules: [{ host: docs.test }] }',
    )
    expect(whole({ common: ingress })).toMatchObject({
      hosts: ['feat-cart-docs.test'],
      url: 'http://feat-cart-docs.test',
    })
  })

  it('adds its wildcards to those that no other preview may have', () => {
    const ingress = manifestsOf(
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: tenants }\nspec: { rules: [{ host: "*.shop.test" }, { host: shop.test }] }',
    )
    const target = targetOf({ hosts: { ...targetOf().hosts, wildcards: 'map' } })
    expect(wholeOf(APP, target, { common: ingress })).toMatchObject({
      hosts: ['feat-cart-shop.test'],
      wildcards: ['*.feat-cart-shop.test'],
    })
  })

  it('keeps the schedules and the identities in a cloud that operators give it, which an app’s own lose', () => {
    const both = manifestsOf(`
apiVersion: batch/v1
kind: CronJob
metadata: { name: sweep }
spec: { schedule: "@daily", jobTemplate: { spec: { template: { spec: { containers: [{ name: a }] } } } } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, annotations: { eks.amazonaws.com/role-arn: previews } }
`)
    const wholes = { theirs: whole({ common: both }), own: wholeOf(both, targetOf()) }
    const kept = ({ files }: ReturnType<typeof whole>) => {
      const of = (kind: string) => [...files.values()].find((manifest) => manifest.kind === kind)
      const annotations = Object.keys(annotationsOf(first([of('ServiceAccount')].filter((one) => one !== undefined))))
      return [objectOf(of('CronJob')?.spec).suspend, annotations.includes('eks.amazonaws.com/role-arn')]
    }
    expect(kept(wholes.theirs)).toEqual([undefined, true])
    expect(kept(wholes.own)).toEqual([true, false])
  })

  it('is a fault of the operators where a transform refuses it', () => {
    const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }'
    expect(() => whole({ common: manifestsOf(role) })).toThrow(CommonFault)
    expect(() => whole({ common: manifestsOf(role) })).toThrow('common/ in the GitOps repo')
  })

  it.each([
    ['is no YAML', { 'common/a.yaml': 'a: [' }, 'common/a.yaml'],
    ['is no object', { 'common/shop/a.yaml': 'just text' }, 'common/shop/a.yaml'],
    [
      'stands twice',
      { 'common/a.yaml': SECRET, 'common/shop/b.yaml': SECRET },
      'common/a.yaml and in common/shop/b.yaml',
    ],
  ])('names the file where it %s', (_, files, words) => {
    const read = () => commonManifestsOf(new Map(Object.entries(files)))
    expect(read).toThrow(CommonFault)
    expect(read).toThrow(words)
  })

  it('may be files of nothing but comments', () => {
    expect(commonManifestsOf(new Map([['common/a.yaml', '# later\n---\n']]))).toEqual([])
  })
})

describe('what WeStage puts beside the app', () => {
  it('is in the namespace from the beginning, with the labels that the policy gives it', () => {
    const guards = manifestsOf(
      'apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: westage, namespace: westage-shop-feat-cart }\nspec: {}',
    )
    const namespaceLabels = { 'pod-security.kubernetes.io/enforce': 'baseline' }
    expect(namesIn({ guards })).toEqual([
      'Namespace/westage-shop-feat-cart',
      'ResourceQuota/westage',
      'Deployment/web',
      'Secret/db',
    ])
    expect(found({ namespaceLabels }, 'Namespace/westage-shop-feat-cart')?.metadata.labels).toEqual({
      ...namespaceLabels,
      'westage.dev/app': 'shop',
      'westage.dev/pull': '7',
      'westage.dev/slug': 'feat-cart',
    })
  })
})
