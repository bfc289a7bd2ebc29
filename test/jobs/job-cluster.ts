/** The cluster that tests of Jobs run in, with what `argocd/jobs` brings: a namespace, and an account for WeStage. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { expect, vi } from 'vitest'
import { runTool } from '../../src/adapters/child-process.ts'
import { kubeConfigOf } from '../../src/adapters/kubernetes/kube-config.ts'
import { standingOf } from '../../src/adapters/kubernetes/lacking-rights.ts'
import { type Jobs, type JobsOptions, openJobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import { rightsOfJobs } from '../../src/config/cluster-roles.ts'
import type { ClusterRole } from '../../src/domain/right.ts'
import { copyPrograms } from '../adapters/build/repo-on-disk.ts'
import { kustomizedAlone } from '../argocd/kustomized.ts'
import { accountKubeconfig } from '../cluster/account-kubeconfig.ts'
import { apply } from '../cluster/apply.ts'
import { type Cluster, findCluster } from '../cluster/start-cluster.ts'
import { digestOf, pushLayer } from '../images/push-layer.ts'
import { type RunningRegistry, requireRegistry } from '../servers/registry.ts'

/** What `npm run test:jobs` has up; null in `npm test`, which leaves these tests out. */
export const jobCluster = (): Cluster | null => findCluster(process.env.WESTAGE_JOBS_CLUSTER ?? '')

export const NO_JOB_CLUSTER = 'they need a cluster: npm run test:jobs'

const roleOf = (kubeconfig: string, namespace: string): ClusterRole => ({
  ...{ name: 'Jobs', setting: '', access: { kubeconfig, context: null }, grantedBy: 'argocd/jobs' },
  rights: rightsOfJobs(namespace),
})
const never = new AbortController().signal
const GRANTED = { kind: 'granted' }
const UNTIL = { timeout: 60_000, interval: 100 }

export interface JobWorld {
  readonly cluster: Cluster
  /** The administrator's: for what tests look at and change. */
  readonly config: KubeConfig
  /** Of the account that WeStage has, which may do what `argocd/jobs` grants and nothing else. */
  readonly kubeconfigPath: string
  /** As the one of `argocd/jobs`, by a name of its own. */
  readonly namespace: string
  readonly registry: RunningRegistry
  /** An image with `sh`, `sleep`, `cat`, `seq` and `head`, by digest. */
  readonly shell: string
  readonly batch: BatchV1Api
  readonly core: CoreV1Api
  /** What operators are told. */
  readonly told: string[]
  /** As another process of the instance `test` would have them. */
  jobs(options?: Partial<Omit<JobsOptions, 'owner'>> & { readonly instance?: string }): Jobs
  /** How many objects are in the namespace, of those that a Job brings. */
  left(): Promise<Record<'jobs' | 'pods' | 'secrets', number>>
  close(): Promise<void>
}

/** @throws no cluster is up */
export async function givenJobWorld(): Promise<JobWorld> {
  const cluster = jobCluster()
  if (cluster === null) throw new Error(NO_JOB_CLUSTER)
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
  const [batch, core] = [config.makeApiClient(BatchV1Api), config.makeApiClient(CoreV1Api)]
  const namespace = `jobs-${randomBytes(4).toString('hex')}`
  await apply(cluster.kubeconfigPath, inNamespace(namespace, kustomizedAlone('jobs')))
  const folder = await mkdtemp(join(tmpdir(), 'westage-account-'))
  const kubeconfigPath = await accountKubeconfig(cluster.kubeconfigPath, folder, 'jobs')
  const account = kubeConfigOf(kubeconfigPath, null)
  const standing = () => standingOf(roleOf(kubeconfigPath, namespace), never)
  // The API server acts by a Role a moment after it took it.
  await vi.waitFor(async () => expect(await standing()).toEqual(GRANTED), UNTIL)
  const registry = await requireRegistry()
  const told: string[] = []
  return {
    ...{ cluster, config, kubeconfigPath, namespace, registry, batch, core, told },
    shell: await pushShell(registry.host),
    jobs: ({ instance = 'test', ...options } = {}) => {
      const owner = { instance, process: randomBytes(8).toString('hex') }
      return openJobs({ config: account, namespace, owner, log: (line) => told.push(line), ...options })
    },
    async left() {
      const inIt = { namespace }
      const lists = { jobs: batch.listNamespacedJob(inIt), pods: core.listNamespacedPod(inIt) }
      const secrets = await core.listNamespacedSecret(inIt)
      const [jobs, pods] = [(await lists.jobs).items.length, (await lists.pods).items.length]
      return { jobs, pods, secrets: secrets.items.length }
    },
    async close() {
      await core.deleteNamespace({ name: namespace })
      await registry.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Objects of `argocd/` with another namespace for Jobs: files of tests run beside each other. */
export const inNamespace = <Object>(namespace: string, objects: readonly Object[]): readonly Object[] =>
  JSON.parse(JSON.stringify(objects).replaceAll('jobs-of-westage', namespace))

/** @param host of the registry @returns the image with a shell, by digest */
export async function pushShell(host: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'westage-shell-'))
  try {
    const root = join(folder, 'root')
    await copyPrograms(root, ['/bin/sh', '/bin/sleep', '/bin/cat', '/usr/bin/seq', '/usr/bin/head'])
    const args = ['--owner=0', '--group=0', '-cf', join(folder, 'layer.tar'), '-C', root, '.']
    const env = { PATH: process.env.PATH ?? '' }
    await runTool({ command: 'tar', args, cwd: folder, env, signal: AbortSignal.timeout(30_000) })
    const layer = await readFile(join(folder, 'layer.tar'))
    const content = new Blob([new Uint8Array(layer)])
    return await pushLayer(host, 'shell', { content, digest: digestOf(layer) }, '/bin/sh')
  } finally {
    await rm(folder, { recursive: true })
  }
}
