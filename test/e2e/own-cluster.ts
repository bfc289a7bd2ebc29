import type { Cluster, RunningArgoCd } from '../cluster/cluster-handle.ts'
import { adminPasswordIn, tokenOf } from '../cluster/cluster-handle.ts'

export interface OwnCluster {
  /** An administrator's. */
  readonly kubeconfigPath: string
  /** argocd-server's address, such as that of `kubectl port-forward service/argocd-server`. */
  readonly argocdUrl: string
}

const NAMESPACE = 'argocd'

/**
 * Somebody's own cluster with Argo CD in the namespace argocd, as the end-to-end tests take it. Its nodes must reach the
 * git server and the registry of the tests, which listen on this machine's loopback, and this machine its pods.
 */
export function ownCluster({ kubeconfigPath, argocdUrl }: OwnCluster): Cluster {
  const notOurs = () => Promise.reject(new Error('a part of a cluster that is not the tests’ own'))
  const adminPassword = () => adminPasswordIn(kubeconfigPath)
  const argocd: RunningArgoCd = {
    namespace: NAMESPACE,
    version: 'of its own',
    serverUrl: argocdUrl.replace(/\/+$/, ''),
    applicationSetWebhookUrl: '',
    webhookSecret: '',
    adminPassword,
    adminToken: async () => tokenOf(argocdUrl, await adminPassword()),
    register: notOurs,
  }
  return {
    name: 'own',
    kubeconfigPath,
    podsAre: 'real',
    podsAreReachable: true,
    addressForPods: null,
    pullsFromLoopback: true,
    logsDir: '',
    argocd,
    parts: [],
    restart: notOurs,
    stop: notOurs,
    start: notOurs,
    pause: notOurs,
    resume: notOurs,
    close: async () => {},
  }
}
