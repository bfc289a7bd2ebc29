/**
 * Argo CD in one cluster, previews and Jobs in another, and WeStage in neither: an account in each, which may do what the
 * manifests in argocd/ grant and nothing else.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTool } from '../../src/adapters/child-process.ts'
import { standingOf } from '../../src/adapters/kubernetes/lacking-rights.ts'
import { clusterRolesOf, rightsOfJobs } from '../../src/config/cluster-roles.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { ClusterRole } from '../../src/domain/right.ts'
import { accountKubeconfig } from '../cluster/account-kubeconfig.ts'
import { apply } from '../cluster/apply.ts'
import { type Cluster, findCluster, startCluster } from '../cluster/start-cluster.ts'
import { startClusterSide } from './cluster-side.ts'
import { type Given, givenInstance } from './given.ts'

const NAME = 'elsewhere'
const LEAST = {
  publicUrl: 'https://westage.test',
  github: { appId: 1 },
  gitops: { url: 'https://git.test/previews.git' },
}
const ENV = { WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----', WESTAGE_WEBHOOK_SECRET: 'secret' }
/** A kind that is known where previews run, and one that is known nowhere. */
const widget = (kind: string) =>
  `apiVersion: widgets.example.com/v1\nkind: ${kind}\nmetadata: { name: ours }\nspec: {}\n`
const KINDS = ['Widget.widgets.example.com', 'Gadget.widgets.example.com']
const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.widgets.example.com' },
  spec: {
    group: 'widgets.example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

describe.runIf(process.env.WESTAGE_E2E === 'two-clusters')('with a cluster for each role', { timeout: 300_000 }, () => {
  const { signal } = new AbortController()
  let [argocd, elsewhere]: [Cluster | null, Cluster | null] = [null, null]
  let folder: string
  let here: Given
  /** Of the account in the cluster that previews and Jobs are in. */
  let other: string

  const kubectl = async ({ kubeconfigPath }: Cluster, ...args: readonly string[]) => {
    const given = ['--kubeconfig', kubeconfigPath, ...args]
    const env = { PATH: process.env.PATH ?? '', HOME: folder }
    const run = { command: 'kubectl', args: given, cwd: process.cwd(), env, timeoutMs: 120_000, signal }
    return (await runTool(run)).stdout
  }
  const started = (cluster: Cluster | null): Cluster => {
    if (cluster === null) throw new Error('no cluster is up: npm run test:e2e -- --two-clusters')
    return cluster
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'westage-clusters-'))
    argocd = started(findCluster(process.env.WESTAGE_E2E_CLUSTER))
    elsewhere = await startCluster({ name: NAME, argocd: false, pods: 'played' })
    await kubectl(elsewhere, 'apply', '--server-side', '--validate=strict', '-k', 'argocd/account')
    await apply(elsewhere.kubeconfigPath, [WIDGETS])
    other = await accountKubeconfig(elsewhere.kubeconfigPath, folder, 'previews')
    const destination = elsewhere
    here = await givenInstance(
      (gitops) => startClusterSide(started(argocd), gitops, { destination, nudge: 'annotations' }),
      false,
      { previews: { kubeconfig: other }, policy: { kinds: { allow: KINDS } } },
    )
  }, 300_000)
  afterAll(async () => {
    await here?.close()
    await elsewhere?.close()
    await rm(folder, { recursive: true, force: true })
  }, 300_000)

  const rolesOf = (settings: object): readonly ClusterRole[] =>
    clusterRolesOf(readConfig(JSON.stringify({ ...LEAST, ...settings }), ENV).config)
  const standings = async (roles: readonly ClusterRole[]) =>
    await Promise.all(roles.map(async (role) => [role.name, await standingOf(role, signal)]))
  const jobsRole = (): ClusterRole => ({
    name: 'Jobs',
    setting: 'buildkit.job.kubeconfig',
    access: { kubeconfig: other, context: null },
    rights: rightsOfJobs('jobs-of-westage'),
    grantedBy: 'argocd/jobs',
  })

  it('lets each account do what its role needs', async () => {
    const settings = {
      argocd: { kubeconfig: here.argocd.kubeconfigPath, destination: NAME, nudge: { via: 'annotations' } },
      previews: { kubeconfig: other },
    }
    const granted = { kind: 'granted' }
    expect(await standings(rolesOf(settings))).toEqual([
      ['Argo CD', granted],
      ['previews', granted],
    ])
    await kubectl(started(elsewhere), 'apply', '--server-side', '--validate=strict', '-k', 'argocd/jobs')
    expect(await standings([jobsRole()])).toEqual([['Jobs', granted]])
  })

  it('says plainly what an account may not do: which role, right, namespace, cluster, and what grants it', async () => {
    const server = (
      await kubectl(started(elsewhere), 'config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}')
    ).trim()
    const who = 'Argo CD: system:serviceaccount:westage:westage may not'
    const where = `applications.argoproj.io in namespace argocd at ${server} (granted by argocd/rbac.yaml)`
    const [role] = rolesOf({ argocd: { kubeconfig: other, destination: NAME } })
    expect(await standings(role === undefined ? [] : [role])).toEqual([
      ['Argo CD', { kind: 'lacking', lines: [`${who} list ${where}`, `${who} watch ${where}`] }],
    ])
  })

  it('brings a preview up in the other cluster, and into no other', async () => {
    const pull = here.openPull('feat/pay')
    await here.live(pull, 'feat/pay')
    expect(await here.argocd.namespaces()).toContain('westage-shop-feat-pay')
    const inArgoCds = await kubectl(started(argocd), 'get', 'namespaces', '-o', 'name')
    expect(inArgoCds).not.toContain('westage-shop-')
    here.github.closePull('acme/shop', pull)
    await here.gone(pull)
  })

  it('tells of a kind that the other cluster does not know, and not of one that it does', async () => {
    const kustomization = 'resources: [../../base, known.yaml, unknown.yaml]\n'
    const pull = here.openPull('feat/widgets', {
      'k8s/overlays/preview/kustomization.yaml': kustomization,
      'k8s/overlays/preview/known.yaml': widget('Widget'),
      'k8s/overlays/preview/unknown.yaml': widget('Gadget'),
    })
    await here.until(() => expect(here.said(pull)).toContain('the kind Gadget of widgets.example.com'))
    expect(here.said(pull)).not.toContain('the kind Widget')
    here.github.closePull('acme/shop', pull)
    await here.gone(pull)
  })

  it('takes the manifests that run WeStage itself', async () => {
    const dryRun = ['apply', '--server-side', '--validate=strict', '--dry-run=server', '-k', 'argocd/westage']
    const said = await kubectl(started(argocd), ...dryRun)
    expect(said).toContain('deployment.apps/westage serverside-applied')
  })
})
