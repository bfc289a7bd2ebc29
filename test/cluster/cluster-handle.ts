/** What tests hold of a running cluster. All of it is read from its folder, so that another process may have started it. */
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { ARGOCD_NAMESPACE } from './argocd-objects.ts'
import { endCluster } from './end-cluster.ts'
import { partIsReady, partOf, startPart, stopPart } from './parts.ts'
import { signalGroup } from './processes.ts'
import { registerCluster } from './register-cluster.ts'
import { type ClusterState, kubeconfigOf, readState } from './state.ts'

/** Argo CD's is `server`; with real pods there are those of the last lines too, with played ones kwok. */
type PartName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'redis'
  | 'repo-server'
  | 'application-controller'
  | 'applicationset-controller'
  | 'argocd-server'
  | 'kwok'
  | 'containerd'
  | 'kubelet'
  | 'kube-proxy'
  | 'network-policies'

export interface Cluster {
  readonly name: string
  /** The administrator's; its current context's namespace is Argo CD's. */
  readonly kubeconfigPath: string
  readonly podsAre: 'real' | 'played'
  /** Whether its pods have addresses that this machine reaches. */
  readonly podsAreReachable: boolean
  /** This machine's address for its pods; null where they are not reachable either. */
  readonly addressForPods: string | null
  /** Whether an image of a registry on this machine's loopback is pulled. */
  readonly pullsFromLoopback: boolean
  readonly logsDir: string
  /** null in a cluster without it. */
  readonly argocd: RunningArgoCd | null
  /** Processes that can be paused and restarted; none in a cluster of k3d or kind. */
  readonly parts: readonly string[]
  /** Ends a part and starts it anew. @throws {Missed} it does not come back */
  restart(part: PartName): Promise<void>
  /** Ends a part: connections to it are refused. */
  stop(part: PartName): Promise<void>
  /** Starts what was stopped, and waits until it is at work. */
  start(part: PartName): Promise<void>
  /** Halts a part: connections to it are taken and never answered. */
  pause(part: PartName): Promise<void>
  resume(part: PartName): Promise<void>
  /** Ends it all. Nothing of it is left. */
  close(): Promise<void>
}

export interface RunningArgoCd {
  readonly namespace: string
  /** `3.5.3` */
  readonly version: string
  /** argocd-server's address, plain HTTP: REST API, and push events at `/api/webhook`. */
  readonly serverUrl: string
  /** Where applicationset-controller takes push events. */
  readonly applicationSetWebhookUrl: string
  /** What both expect push events to be signed by, as GitHub does. */
  readonly webhookSecret: string
  /** The password of `admin`, which argocd-server made. */
  adminPassword(): Promise<string>
  /** A bearer token of `admin` for the REST API. */
  adminToken(): Promise<string>
  /** Makes another cluster a destination by this name. */
  register(other: Cluster, name: string): Promise<void>
}

/** @param closed is called once its owner has ended it */
export function clusterOf(folder: string, closed: () => void): Cluster {
  const state = stateOf(folder)
  const never = new AbortController().signal
  const start = async (name: PartName) => {
    const current = stateOf(folder)
    const part = partOf(current, name)
    if (part.process === null) await startPart(current, part)
    await partIsReady(current, part, never)
  }
  const stop = (name: PartName) => stopPart(stateOf(folder), name)
  const signal = async (name: PartName, what: NodeJS.Signals) => {
    const { process } = partOf(stateOf(folder), name)
    if (process === null) throw new Error(`${name} is stopped`)
    await signalGroup(process, what)
  }
  return {
    name: state.name,
    kubeconfigPath: kubeconfigOf(folder),
    podsAre: state.pods,
    podsAreReachable: state.pods === 'real' && state.madeBy === 'go',
    addressForPods: state.link?.address ?? null,
    pullsFromLoopback: state.pods === 'real' && state.madeBy === 'go',
    logsDir: join(folder, 'logs'),
    argocd: state.argocd === null ? null : argocdOf(state, state.argocd),
    parts: state.madeBy === 'go' ? state.parts.map(({ name }) => name) : [],
    stop,
    start,
    restart: async (part) => {
      await stop(part)
      await start(part)
    },
    pause: (part) => signal(part, 'SIGSTOP'),
    resume: (part) => signal(part, 'SIGCONT'),
    close: async () => {
      await endCluster(folder)
      closed()
    },
  }
}

function argocdOf({ folder }: ClusterState, argocd: NonNullable<ClusterState['argocd']>): RunningArgoCd {
  const adminPassword = () => adminPasswordIn(kubeconfigOf(folder))
  return {
    namespace: ARGOCD_NAMESPACE,
    ...argocd,
    adminPassword,
    adminToken: async () => await tokenOf(argocd.serverUrl, await adminPassword()),
    register: (other, name) => registerCluster(kubeconfigOf(folder), other.kubeconfigPath, name),
  }
}

/** The password that argocd-server made for `admin` (Argo CD: Getting Started). @throws it was removed */
export async function adminPasswordIn(kubeconfigPath: string): Promise<string> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigPath)
  const api = config.makeApiClient(CoreV1Api)
  const secret = { name: 'argocd-initial-admin-secret', namespace: ARGOCD_NAMESPACE }
  const password = (await api.readNamespacedSecret(secret)).data?.password
  if (password === undefined) throw new Error(`the Secret ${secret.name} holds no password`)
  return Buffer.from(password, 'base64').toString('utf8')
}

/** A bearer token of `admin`. argocd-server's REST API, SessionService. */
export async function tokenOf(serverUrl: string, password: string): Promise<string> {
  const response = await fetch(`${serverUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  })
  if (!response.ok) throw new Error(`${serverUrl}/api/v1/session answered ${response.status}: ${await response.text()}`)
  return z.object({ token: z.string() }).parse(await response.json()).token
}

function stateOf(folder: string): ClusterState {
  const state = readState(folder)
  if (state === null) throw new Error(`the cluster of ${folder} was ended`)
  return state
}
