/** Argo CD and the cluster of the demo: stood in for, made for it, or the person's own. */
import { join } from 'node:path'
import { findCluster, startCluster } from '../cluster/start-cluster.ts'
import { startClusterSide } from '../e2e/cluster-side.ts'
import { startArgoCdStandIn } from '../servers/argocd-standin/start-argocd-standin.ts'
import type { GitOpsAccess } from '../servers/instance.ts'
import { hasArgoCd } from './cluster-with-argocd.ts'
import { playedShop } from './played-shop.ts'

export interface ArgoCdSide {
  readonly kind: 'stand-in' | 'cluster' | 'kubeconfig'
  /** For people: what it is. */
  readonly text: string
  /** Where to look at Applications, null where there is nothing to look at. */
  readonly url: string | null
  /** `127.0.0.1:PORT` that answers for previews' hosts, null where their names lead there. */
  readonly previewAddress: string | null
  /** The Applications' names, null where they are the person's own business. */
  applications(): Promise<readonly string[] | null>
  /** Of westage.yaml, and the secrets that belong to it. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface SideOptions {
  readonly isCluster: boolean
  readonly kubeconfig: string | null
  readonly progress: (text: string) => void
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

const POLL_MS = 500

/** @throws {Unusable} the kubeconfig's cluster can't be asked; or what keeps a cluster from starting */
export async function startSide(gitops: GitOpsAccess, options: SideOptions): Promise<ArgoCdSide> {
  if (options.isCluster) return inCluster(gitops, options)
  const { kubeconfig } = options
  if (kubeconfig !== null && (await hasArgoCd(kubeconfig, 'argocd'))) return inOwn(kubeconfig)
  const { gitUrl, branch, instance } = gitops
  const played = playedShop()
  const standIn = await startArgoCdStandIn({ gitUrl, branch, instance, pollMs: POLL_MS, played, log: options.log })
  return {
    kind: 'stand-in',
    text: 'a stand-in for it and the cluster: no container runs',
    url: null,
    previewAddress: standIn.previewAddress,
    applications: async () => standIn.applications().map(({ metadata }) => metadata.name),
    settings: { argocd: { kubeconfig: standIn.kubeconfigPath }, hosts: hostsAt(standIn.previewAddress) },
    secrets: {},
    close: standIn.close,
  }
}

async function inCluster(gitops: GitOpsAccess, { progress, log, signal }: SideOptions): Promise<ArgoCdSide> {
  const there = findCluster()
  if (there === null) progress('starting a cluster with Argo CD; its first start builds both, which takes a while')
  const cluster = there ?? (await startCluster({ log, signal }))
  const end = async () => {
    if (there === null) await cluster.close()
  }
  try {
    progress('installing argocd/ in the cluster')
    const side = await startClusterSide(cluster, gitops)
    const url = cluster.argocd?.serverUrl ?? null
    return {
      kind: 'cluster',
      text: `${cluster.argocd?.version}, with ${cluster.podsAre} pods; logs in ${join(cluster.logsDir, '')}`,
      url,
      previewAddress: side.previewAddress,
      applications: side.applications,
      settings: {
        ...side.settings,
        argocd: { kubeconfig: side.kubeconfigPath, ...(side.settings?.argocd as object | undefined) },
        hosts: hostsAt(side.previewAddress),
      },
      secrets: side.secrets ?? {},
      async close() {
        await side.close()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

const inOwn = (kubeconfig: string): ArgoCdSide => ({
  kind: 'kubeconfig',
  text: 'the one of the kubeconfig',
  url: null,
  previewAddress: null,
  applications: async () => null,
  settings: { argocd: { kubeconfig } },
  secrets: {},
  close: async () => {},
})

/** Names below `localhost` are this machine in every browser, whatever the resolver says of them (RFC 6761, 6.3). */
const hostsAt = (address: string) => ({
  scheme: 'http',
  port: Number(address.slice(address.lastIndexOf(':') + 1)),
  resolver: { address },
})
