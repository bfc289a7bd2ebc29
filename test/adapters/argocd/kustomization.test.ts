import { execFileSync } from 'node:child_process'
import { load, loadAll } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readApplication } from '../../../src/adapters/argocd/read-application.ts'
import { folderOf } from '../../../src/domain/names.ts'
import { applicationTemplate } from '../../servers/argocd-standin/application-template.ts'

const ObjectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().default('') }),
})
const InfoSchema = z.looseObject({ info: z.array(z.object({ name: z.string(), value: z.string() })) })
const rootOf = (name: string): string => new URL(`../../../${name}`, import.meta.url).pathname

function isMissing(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return false
  } catch {
    return process.env.CI !== 'true'
  }
}

function built() {
  const output = execFileSync('kubectl', ['kustomize', rootOf('argocd')], { encoding: 'utf8' })
  const objects = loadAll(output).map((json) => ObjectSchema.parse(json))
  return {
    output,
    of: (kind: string) => objects.filter((object) => object.kind === kind),
    kinds: objects.map(({ kind }) => kind).sort(),
  }
}

const previewYaml = `
app: shop
slug: feature
namespace: westage-shop-feature
pull: { number: 1234567, url: https://github.test/acme/shop/pull/1234567, branch: feat/pay, author: octocat }
sha: '1111111111111111111111111111111111111111'
url: ''
page: https://westage.test/previews/shop/1234567
destination: { name: in-cluster, server: '' }
`
const settings = { gitUrl: 'https://git.test/previews.git', branch: 'main', instance: 'westage' }

describe.skipIf(isMissing('kubectl', 'kustomize', '--help'))('argocd/ (needs kubectl)', () => {
  it('builds to all that WeStage needs in Argo CD, with no setting left to fill in', () => {
    const { kinds, output } = built()
    expect(kinds).toEqual(['AppProject', 'ApplicationSet', 'Namespace', 'Role', 'RoleBinding', 'ServiceAccount'])
    expect(output).not.toContain('settings.yaml')
  })

  it('lets WeStage read Applications and do nothing else', () => {
    const { of } = built()
    expect(of('Role')).toMatchObject([
      { rules: [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['get', 'list', 'watch'] }] },
    ])
    const [account] = of('ServiceAccount')
    expect(of('RoleBinding')).toMatchObject([
      { roleRef: { kind: 'Role', name: 'westage' }, subjects: [{ kind: 'ServiceAccount', ...idOf(account) }] },
    ])
  })

  it('lets previews come from one repo, go to namespaces of previews, and bring no cluster-scoped kind but theirs', () => {
    expect(built().of('AppProject')).toMatchObject([
      {
        metadata: { name: 'westage', namespace: 'argocd' },
        spec: {
          sourceRepos: ['https://github.com/your-org/previews.git'],
          destinations: [{ name: 'in-cluster', server: 'in-cluster', namespace: 'westage-*' }],
          clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: 'westage-*' }],
        },
      },
    ])
  })

  it('looks for previews in the repo and branch that the Applications come from', () => {
    expect(built().of('ApplicationSet')).toMatchObject([
      {
        spec: {
          goTemplate: true,
          goTemplateOptions: ['missingkey=error'],
          generators: [{ git: { repoURL: 'https://github.com/your-org/previews.git', revision: 'main' } }],
          template: {
            metadata: { labels: { 'westage.dev/instance': 'westage' } },
            spec: {
              project: 'westage',
              source: { repoURL: 'https://github.com/your-org/previews.git', targetRevision: 'main' },
            },
          },
        },
      },
    ])
  })
})

describe("The ApplicationSet's template", () => {
  it("makes an Application that WeStage finds again by the preview's folder", () => {
    const folder = folderOf('shop', 1234567)
    const { metadata, spec } = applicationTemplate(settings)(`${folder}/preview.yaml`, previewYaml)
    expect(readApplication({ metadata, spec })).toMatchObject({ name: 'westage-shop-pr-1234567', folder })
    expect(metadata).toEqual({
      name: 'westage-shop-pr-1234567',
      labels: { 'westage.dev/instance': 'westage', 'westage.dev/app': 'shop' },
      annotations: {
        'link.argocd.argoproj.io/pull-request': 'Pull request|https://github.test/acme/shop/pull/1234567',
        'link.argocd.argoproj.io/preview': 'WeStage|https://westage.test/previews/shop/1234567',
        'link.argocd.argoproj.io/westage': 'WeStage|https://westage.test/previews/shop/1234567',
        'westage.dev/sha': '1111111111111111111111111111111111111111',
      },
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    })
    expect(spec).toMatchObject({
      source: { repoURL: settings.gitUrl, targetRevision: 'main', path: `${folder}/manifests` },
      destination: { name: 'in-cluster', server: '', namespace: 'westage-shop-feature' },
    })
    expect(Object.fromEntries(InfoSchema.parse(spec).info.map(({ name, value }) => [name, value]))).toEqual({
      'Pull request': 'https://github.test/acme/shop/pull/1234567',
      Branch: 'feat/pay',
      Author: 'octocat',
      Commit: '1111111111111111111111111111111111111111',
      'Runs and logs': 'https://westage.test/previews/shop/1234567',
    })
  })

  it('links to the preview where it has an address', () => {
    const exposed = previewYaml.replace("url: ''", 'url: https://feature.shop.test')
    const { metadata } = applicationTemplate(settings)('previews/shop/pr-1/preview.yaml', exposed)
    expect(metadata.annotations['link.argocd.argoproj.io/preview']).toBe('Preview|https://feature.shop.test')
  })

  it('goes to the cluster whose address preview.yaml names', () => {
    const elsewhere = previewYaml.replace("name: in-cluster, server: ''", "name: '', server: https://10.0.0.1:6443")
    const { spec } = applicationTemplate(settings)('previews/shop/pr-1/preview.yaml', elsewhere)
    expect(spec).toMatchObject({ destination: { name: '', server: 'https://10.0.0.1:6443' } })
  })

  it('makes none of a preview.yaml that lacks a key', () => {
    const { page: _, ...rest } = z.looseObject({}).parse(load(previewYaml))
    expect(() => applicationTemplate(settings)('previews/shop/pr-1/preview.yaml', JSON.stringify(rest))).toThrow(
      /<\.page>: map has no entry for key "page"/,
    )
  })
})

const idOf = (object: z.output<typeof ObjectSchema> | undefined) => ({
  name: object?.metadata.name,
  namespace: object?.metadata.namespace,
})
