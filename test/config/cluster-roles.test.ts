/** Whether the manifests that are shipped grant each role what the service asks for in its cluster, and no more. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { clusterRolesOf, rightsOfJobs } from '../../src/config/cluster-roles.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { type Right, wordsOfRight } from '../../src/domain/right.ts'
import { type KubernetesObject, kubectlIsMissing, kustomized, kustomizedAlone } from '../argocd/kustomized.ts'

const LEAST = {
  publicUrl: 'https://westage.test',
  github: { appId: 1 },
  gitops: { url: 'https://git.test/previews.git' },
}
const ENV = { WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----', WESTAGE_WEBHOOK_SECRET: 'secret' }
const rolesOf = (settings: object) => clusterRolesOf(readConfig(JSON.stringify({ ...LEAST, ...settings }), ENV).config)
const wordsOf = (rights: readonly Right[]) => rights.map(wordsOfRight).toSorted()
const RulesSchema = z.array(
  z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
)

/** All that the Roles among objects grant. */
const granted = (objects: readonly KubernetesObject[]): readonly string[] =>
  objects
    .filter(({ kind }) => kind === 'Role')
    .flatMap(({ metadata: { namespace }, rules }) =>
      RulesSchema.parse(rules).flatMap(({ apiGroups, resources, verbs }) =>
        verbs.flatMap((verb) =>
          apiGroups.flatMap((group) => resources.map((resource) => wordsOfRight({ verb, group, resource, namespace }))),
        ),
      ),
    )
    .toSorted()

describe('what WeStage needs of its clusters', () => {
  it('is one cluster where nothing is said, asked for Applications and for its kinds', () => {
    expect(rolesOf({}).map(({ name, access }) => [name, access.kubeconfig])).toEqual([
      ['Argo CD', null],
      ['previews', null],
    ])
  })

  it('is nothing in a cluster of previews that no kubeconfig is given for', () => {
    const elsewhere = { argocd: { destination: 'staging' } }
    expect(rolesOf(elsewhere).map(({ name }) => name)).toEqual(['Argo CD'])
    const roles = rolesOf({ ...elsewhere, previews: { kubeconfig: '/etc/westage/staging', context: 'other' } })
    expect(roles).toMatchObject([
      { name: 'Argo CD' },
      {
        name: 'previews',
        setting: 'previews.kubeconfig',
        access: { kubeconfig: '/etc/westage/staging', context: 'other' },
      },
    ])
  })
})

it('is the rights of Jobs where workers are Jobs', () => {
  const kubernetes = { image: 'westage', server: 'http://westage.test', kubeconfig: '/etc/westage/jobs' }
  expect(rolesOf({ worker: { run: 'kubernetes', kubernetes } }).at(-1)).toMatchObject({
    ...{ name: 'workers', access: { kubeconfig: '/etc/westage/jobs', context: null } },
    rights: rightsOfJobs('jobs-of-westage'),
  })
  expect(rolesOf({ worker: { kubernetes } }).map(({ name }) => name)).not.toContain('workers')
})

describe.skipIf(kubectlIsMissing())('the manifests in argocd/ (need kubectl)', () => {
  const needed = (settings: object) =>
    wordsOf(rolesOf(settings).flatMap(({ name, rights }) => (name === 'Argo CD' ? rights : [])))
  const get = 'get applications.argoproj.io in namespace argocd'

  it('grant in Argo CD’s cluster what is needed there, and a look at one Application', () => {
    expect(granted(kustomized())).toEqual([get, ...needed({})].toSorted())
  })

  it('grant with the nudge by annotations what that needs', () => {
    const settings = { argocd: { nudge: { via: 'annotations' } } }
    expect(granted(kustomized({ components: ['nudge-by-annotations'] }))).toEqual([get, ...needed(settings)].toSorted())
  })

  it('grant in the cluster of Jobs what Jobs need, and Secrets that go with them', () => {
    const finalizers = 'update jobs.batch/finalizers in namespace jobs-of-westage'
    expect(granted(kustomizedAlone('jobs'))).toEqual(
      [...wordsOf(rightsOfJobs('jobs-of-westage')), finalizers].toSorted(),
    )
  })

  it('grant nothing where previews run', () => {
    expect(new Set(kustomizedAlone('account').map(({ kind }) => kind))).toEqual(
      new Set(['Namespace', 'ServiceAccount']),
    )
  })
})
