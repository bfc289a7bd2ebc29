import { describe, expect, it } from 'vitest'
import { FORBIDDEN_RULES } from '../../src/manifests/drop-namespace-rules.ts'
import { type KubernetesObject, kubectlIsMissing, kustomized } from './kustomized.ts'

const of = (objects: readonly KubernetesObject[], kind: string) => objects.filter((object) => object.kind === kind)
const filesOf = (set: KubernetesObject) => Object(set.spec).generators[0].git.files
const BLACKLIST = 'namespaceResourceBlacklist'

describe.skipIf(kubectlIsMissing())('argocd/ with settings of one’s own (needs kubectl)', () => {
  it('has the settings wherever they belong, and nothing of the defaults', () => {
    const objects = kustomized({
      settings: {
        repoUrl: 'https://git.test/stage.git',
        branch: 'live',
        instance: 'team-a',
        destination: 'https://10.0.0.1:6443',
        argocdNamespace: 'gitops',
      },
    })
    expect(of(objects, 'ApplicationSet')).toMatchObject([
      {
        metadata: { name: 'team-a', namespace: 'gitops', labels: { 'westage.dev/instance': 'team-a' } },
        spec: {
          generators: [{ git: { repoURL: 'https://git.test/stage.git', revision: 'live' } }],
          template: {
            metadata: { labels: { 'westage.dev/instance': 'team-a' } },
            spec: {
              project: 'team-a',
              source: { repoURL: 'https://git.test/stage.git', targetRevision: 'live' },
            },
          },
        },
      },
    ])
    expect(of(objects, 'AppProject')).toMatchObject([
      {
        metadata: { name: 'team-a', namespace: 'gitops' },
        spec: {
          sourceRepos: ['https://git.test/stage.git'],
          destinations: [{ name: 'https://10.0.0.1:6443', server: 'https://10.0.0.1:6443', namespace: 'westage-*' }],
          roles: [
            {
              name: 'reader',
              policies: [
                'p, proj:team-a:reader, applications, get, team-a/*, allow',
                'p, proj:team-a:reader, logs, get, team-a/*, allow',
              ],
            },
          ],
        },
      },
    ])
    const text = JSON.stringify(objects)
    for (const left of ['settings.yaml', 'reader-objects.yaml', 'your-org', '"argocd"'])
      expect(text).not.toContain(left)
  })

  it('forbids in previews exactly the kinds of rules that WeStage neither takes from an app nor writes itself', () => {
    const [project] = of(kustomized(), 'AppProject')
    const forbidden: { group: string; kind: string }[] = Object(project?.spec)[BLACKLIST]
    const names = forbidden.map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`))
    expect(names.toSorted()).toEqual(FORBIDDEN_RULES.toSorted())
  })

  it('keeps its AppProject for as long as an Application needs it to be deleted', () => {
    const [project] = of(kustomized(), 'AppProject')
    expect(project?.metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io'])
  })
})

describe.skipIf(kubectlIsMissing())('the components of argocd/ (need kubectl)', () => {
  it('argocd-3.2 takes out the names of cluster-scoped kinds, and nothing else', () => {
    const [without, plain] = [kustomized({ components: ['argocd-3.2'] }), kustomized()]
    expect(of(without, 'AppProject')).toMatchObject([
      { spec: { clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }] } },
    ])
    expect(JSON.stringify(without)).toBe(
      JSON.stringify(plain).replace('"kind":"Namespace","name":"westage-*"', '"kind":"Namespace"'),
    )
  })

  it('apps gives an app an ApplicationSet of its own, and takes the app out of the set of all others', () => {
    const objects = kustomized({ components: ['apps'], settings: { instance: 'team-a' } })
    const [all, shop] = of(objects, 'ApplicationSet').toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    if (all === undefined || shop === undefined) throw new Error('there are not two sets')
    expect([all.metadata.name, shop.metadata.name]).toEqual(['team-a', 'team-a-shop'])
    expect(filesOf(all)).toEqual([
      { path: 'previews/*/*/preview.yaml' },
      { path: 'previews/shop/*/preview.yaml', exclude: true },
    ])
    expect(filesOf(shop)).toEqual([{ path: 'previews/shop/*/preview.yaml' }])
    expect(Object(shop.spec).template).toEqual(Object(all.spec).template)
    for (const set of [all, shop]) expect(set.metadata.labels).toMatchObject({ 'westage.dev/instance': 'team-a' })
  })
})
