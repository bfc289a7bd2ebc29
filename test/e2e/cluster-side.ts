/** A real Argo CD and a real cluster: `argocd/` is installed in it as its README says, and WeStage gets what that grants. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CoreV1Api, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node'
import { dump, load } from 'js-yaml'
import { z } from 'zod'
import { runTool } from '../../src/adapters/child-process.ts'
import { accountKubeconfig } from '../cluster/account-kubeconfig.ts'
import type { Cluster } from '../cluster/cluster-handle.ts'
import { startIngress } from '../cluster/ingress.ts'
import type { GitOpsAccess } from '../servers/instance.ts'
import { countsOf } from './counts.ts'
import type { E2eSide } from './side.ts'

const ARGOCD = fileURLToPath(new URL('../../argocd', import.meta.url))
const KUBECTL_TIMEOUT_MS = 120_000
const GONE_MAX_MS = 120_000

export interface ClusterSideOptions {
  /** Where previews run, where that is another cluster than Argo CD's; it is registered there by its name. */
  readonly destination?: Cluster
  /** How WeStage tells Argo CD of a push. */
  readonly nudge?: 'webhook' | 'annotations'
}

/** @throws what keeps `argocd/` from being installed */
export async function startClusterSide(
  cluster: Cluster,
  gitops: GitOpsAccess,
  { destination, nudge = 'annotations' }: ClusterSideOptions = {},
): Promise<E2eSide> {
  const { argocd } = cluster
  if (argocd === null) throw new Error(`the cluster ${cluster.name} has no Argo CD`)
  const admin = new KubeConfig()
  admin.loadFromFile(cluster.kubeconfigPath)
  const dir = await mkdtemp(join(tmpdir(), 'westage-e2e-'))
  const kubectl = (args: readonly string[]) =>
    runTool({
      command: 'kubectl',
      args: ['--kubeconfig', cluster.kubeconfigPath, ...args],
      cwd: dir,
      env: { PATH: process.env.PATH ?? '', HOME: dir },
      timeoutMs: KUBECTL_TIMEOUT_MS,
      signal: new AbortController().signal,
    })
  const destinationName = destination?.name ?? 'in-cluster'
  if (destination !== undefined) await argocd.register(destination, destinationName)
  await addRepository(admin, argocd.namespace, gitops)
  const components = nudge === 'annotations' ? ['nudge-by-annotations'] : []
  if ((await versionOf(argocd.serverUrl)).startsWith('v3.2.')) components.push('argocd-3.2')
  await installArgoCdFolder(dir, gitops, destinationName, argocd.namespace, components)
  // An API server takes some seconds to serve a kind that was just defined.
  const kinds = ['applications', 'applicationsets', 'appprojects'].map((kind) => `crd/${kind}.argoproj.io`)
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...kinds])
  await kubectl(['apply', '--server-side', '--force-conflicts', '--validate=strict', '-k', join(dir, 'argocd')])
  const kubeconfigPath = await accountKubeconfig(cluster.kubeconfigPath, dir, 'argocd')
  const token = await argocd.adminToken()
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${argocd.serverUrl}${path}`, { ...init, headers })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
  const previews = destination ?? cluster
  // With played pods it only says in each Ingress that it serves it, which Argo CD waits for.
  const ingress = await startIngress({ kubeconfigPath: previews.kubeconfigPath })
  const web = previews.podsAre === 'played' ? await startPlayedWeb() : null
  const reader = z.object({ token: z.string() }).parse(
    await ask(`/api/v1/projects/${gitops.instance}/roles/reader/token`, {
      method: 'POST',
      body: JSON.stringify({ project: gitops.instance, role: 'reader', id: `e2e-${randomBytes(4).toString('hex')}` }),
    }),
  )

  const applications = async () => {
    const list = await admin.makeApiClient(CustomObjectsApi).listNamespacedCustomObject({
      group: 'argoproj.io',
      version: 'v1alpha1',
      plural: 'applications',
      namespace: argocd.namespace,
    })
    return NamesSchema.parse(list).items.map(({ metadata }) => metadata.name)
  }
  const previewAdmin = new KubeConfig()
  previewAdmin.loadFromFile(previews.kubeconfigPath)
  const namespaces = async () => {
    const { items } = await previewAdmin.makeApiClient(CoreV1Api).listNamespace()
    return items.flatMap(({ metadata }) => (metadata?.name?.startsWith('westage-') ? [metadata.name] : []))
  }
  return {
    name: destination === undefined ? 'cluster' : 'two clusters',
    podsAre: previews.podsAre,
    cluster,
    kubeconfigPath,
    previewAddress: web?.address ?? ingress.address,
    settings: {
      argocd: {
        destination: destinationName,
        server: { url: argocd.serverUrl },
        nudge:
          nudge === 'annotations'
            ? { via: 'annotations' }
            : { via: 'webhook', server: argocd.serverUrl, applicationSet: argocd.applicationSetWebhookUrl },
      },
    },
    secrets: {
      WESTAGE_ARGOCD_TOKEN: reader.token,
      ...(nudge === 'webhook' && { WESTAGE_ARGOCD_WEBHOOK_SECRET: argocd.webhookSecret }),
    },
    applications,
    namespaces,
    counts: () => countsOf(previewAdmin),
    ask: (path) => ask(path),
    adminKubeconfig: previews.kubeconfigPath,
    async close() {
      await kubectl(['delete', '--ignore-not-found', '--wait=false', 'applicationset', '--all', '-n', argocd.namespace])
      const deadlineMs = Date.now() + GONE_MAX_MS
      while ((await applications()).length > 0 && Date.now() < deadlineMs) {
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      // Whoever comes next installs the same, which can't be done while the old one goes.
      await kubectl(['delete', '--ignore-not-found', '-k', join(dir, 'argocd')])
      await ingress.close()
      await web?.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Played pods answer nothing: this answers for all of them. */
async function startPlayedWeb(): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((_, response) => response.end('The pods of this cluster are played.\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

const NamesSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })

/** Argo CD: "Declarative Setup", Repositories. */
async function addRepository(admin: KubeConfig, namespace: string, { gitUrl, credentials }: GitOpsAccess) {
  const api = admin.makeApiClient(CoreV1Api)
  const name = `repo-${randomBytes(4).toString('hex')}`
  const metadata = { name, namespace, labels: { 'argocd.argoproj.io/secret-type': 'repository' } }
  const { username, password } = credentials
  const stringData = { type: 'git', url: gitUrl, username, password, forceHttpBasicAuth: 'true' }
  await api.createNamespacedSecret({ namespace, body: { metadata, stringData } })
}

/** As argocd/README.md has it: a copy of the folder, with settings.yaml edited. */
async function installArgoCdFolder(
  dir: string,
  { gitUrl, branch, instance }: GitOpsAccess,
  destination: string,
  argocdNamespace: string,
  components: readonly string[],
): Promise<void> {
  const copy = join(dir, 'argocd')
  await cp(ARGOCD, copy, { recursive: true })
  const file = join(copy, 'settings.yaml')
  const settings = SettingsSchema.parse(load(await readFile(file, 'utf8')))
  const data = { ...settings.data, repoUrl: gitUrl, branch, instance, destination, argocdNamespace }
  await writeFile(file, dump({ ...settings, data }))
  const kustomizationFile = join(copy, 'kustomization.yaml')
  const kustomization = z.looseObject({}).parse(load(await readFile(kustomizationFile, 'utf8')))
  await writeFile(kustomizationFile, dump({ ...kustomization, components }))
}

const SettingsSchema = z.looseObject({ data: z.record(z.string(), z.string()) })

/** `v3.2.11+unknown`: argocd-server's REST API, VersionService, which needs no token. */
async function versionOf(serverUrl: string): Promise<string> {
  const response = await fetch(`${serverUrl}/api/version`)
  if (!response.ok) throw new Error(`${serverUrl}/api/version answered ${response.status}: ${await response.text()}`)
  return z.object({ Version: z.string() }).parse(await response.json()).Version
}
