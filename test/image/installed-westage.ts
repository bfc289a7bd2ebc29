/**
 * WeStage in a pod of a cluster of its own, by `kubectl apply -k` of argocd/westage, argocd/jobs and argocd/workers: its
 * account, its NetworkPolicies and its read-only root are those of the manifests. GitHub is a double that pods reach by a
 * public address; of Argo CD there is the kind Application, and nobody who makes any.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { dump, load } from 'js-yaml'
import { z } from 'zod'
import { runTool } from '../../src/adapters/child-process.ts'
import { kustomized } from '../argocd/kustomized.ts'
import { apply } from '../cluster/apply.ts'
import { OUTSIDE } from '../cluster/outside.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import { filesOf, type GitServer, startGitServer } from '../servers/git-server.ts'
import { type GitHub, startGitHub } from '../servers/github/github.ts'
import { requireRegistry } from '../servers/registry.ts'

const ARGOCD = resolve(import.meta.dirname, '../../argocd')
const WESTAGE = { namespace: 'westage', name: 'westage' }
const JOBS = { namespace: 'jobs-of-westage' }
const CREDENTIALS = { username: 'westage', password: 'gitops-token' }
const never = new AbortController().signal

/** As much of Argo CD as WeStage needs to be ready. */
const APPLICATIONS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'applications.argoproj.io' },
  spec: {
    group: 'argoproj.io',
    scope: 'Namespaced',
    names: { kind: 'Application', plural: 'applications', singular: 'application' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

export interface InstalledWestage {
  readonly github: GitHub
  /** Its repo is `gitops`. */
  readonly gitops: GitServer
  isReady(): Promise<boolean>
  /** The pod's port 8080, from this machine. */
  url(): Promise<string>
  log(): Promise<string>
  /** Has a shell of the pod run this. @throws {ToolFailed} with what it said */
  sh(script: string): Promise<void>
  /** How many objects a Job brings are there. */
  left(): Promise<Record<'jobs' | 'pods' | 'secrets', number>>
  close(): Promise<void>
}

/** @param push pushes the image to a repository of a registry on loopback, and gives its digest */
export async function installWestage(push: (repository: string) => Promise<string>): Promise<InstalledWestage> {
  const folder = await mkdtemp(join(tmpdir(), 'westage-installed-'))
  const cluster = await startCluster({ pods: 'real', argocd: false })
  const kubectl = async (...args: string[]) => {
    const env = { PATH: process.env.PATH ?? '', HOME: folder }
    const given = ['--kubeconfig', cluster.kubeconfigPath, ...args]
    await runTool({ command: 'kubectl', args: given, cwd: folder, env, timeoutMs: 60_000, signal: never })
  }
  const host = cluster.addressForPods ?? ''
  const registry = await requireRegistry()
  const repository = `${registry.host}/westage`
  const digest = await push(repository)
  const github = await startGitHub({ host, port: 443, apiUrl: `http://${OUTSIDE.public}:443` })
  const repositories = { gitops: { files: await filesOf('gitops-template') } }
  const gitops = await startGitServer({ repositories, credentials: CREDENTIALS, host })

  // What argocd/README.md says, in its order.
  const copy = join(folder, 'argocd')
  await cp(ARGOCD, copy, { recursive: true })
  await nameImage(join(copy, 'westage/kustomization.yaml'), repository, digest)
  const settings = {
    publicUrl: 'https://westage.test',
    github: { apiUrl: github.apiUrl, appId: github.appId },
    gitops: { url: gitops.url('gitops'), auth: 'token' },
    worker: {
      run: 'kubernetes',
      kubernetes: { image: `${repository}@${digest}`, server: 'http://westage-workers.westage:8081', memoryMb: 1024 },
    },
  }
  await writeFile(join(copy, 'westage/westage.yaml'), dump(settings))
  const secrets = {
    WESTAGE_GITHUB_PRIVATE_KEY: github.privateKey,
    WESTAGE_WEBHOOK_SECRET: github.webhookSecret,
    WESTAGE_GITOPS_TOKEN: CREDENTIALS.password,
  }
  const namespaces = ['argocd', WESTAGE.namespace]
  await apply(cluster.kubeconfigPath, [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    APPLICATIONS,
    ...kustomized().filter(({ kind }) => ['Role', 'RoleBinding'].includes(kind)),
    { apiVersion: 'v1', kind: 'Secret', metadata: WESTAGE, stringData: secrets },
  ])
  for (const part of ['jobs', 'workers', 'westage'])
    await kubectl('apply', '--server-side', '--force-conflicts', '--validate=strict', '-k', join(copy, part))

  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
  const [core, batch] = [config.makeApiClient(CoreV1Api), config.makeApiClient(BatchV1Api)]
  const pod = async () => (await core.listNamespacedPod({ namespace: WESTAGE.namespace })).items[0]
  return {
    ...{ github, gitops },
    async isReady() {
      const { status } = await config.makeApiClient(AppsV1Api).readNamespacedDeployment(WESTAGE)
      return status?.readyReplicas === 1
    },
    url: async () => `http://${(await pod())?.status?.podIP}:8080`,
    async log() {
      const name = (await pod())?.metadata?.name ?? ''
      return await core.readNamespacedPodLog({ namespace: WESTAGE.namespace, name })
    },
    sh: (script) => kubectl('exec', '-n', WESTAGE.namespace, `deployment/${WESTAGE.name}`, '--', 'sh', '-c', script),
    async left() {
      const jobs = (await batch.listNamespacedJob(JOBS)).items.length
      const pods = (await core.listNamespacedPod(JOBS)).items.length
      return { jobs, pods, secrets: (await core.listNamespacedSecret(JOBS)).items.length }
    },
    async close() {
      await cluster.close()
      await Promise.all([github.close(), gitops.close(), registry.close()])
      await rm(folder, { recursive: true })
    },
  }
}

async function nameImage(kustomizationFile: string, repository: string, digest: string): Promise<void> {
  const kustomization = z.looseObject({}).parse(load(await readFile(kustomizationFile, 'utf8')))
  const images = [{ name: 'westage', newName: repository, digest }]
  await writeFile(kustomizationFile, dump({ ...kustomization, images }))
}
