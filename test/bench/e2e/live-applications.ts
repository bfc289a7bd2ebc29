/** When Argo CD called each Application live, looked at beside WeStage: what comes after is WeStage's own time. */
import { KubeConfig } from '@kubernetes/client-node'
import { readApplication } from '../../../src/adapters/argocd/read-application.ts'
import { followCollection } from '../../../src/adapters/kubernetes/follow-collection.ts'

export interface LiveApplications {
  /** When a folder's Application was Synced and Healthy first, after a sync that succeeded. Milliseconds since 1970. */
  sinceMs(folder: string): number
  close(): Promise<void>
}

const RELIST_MS = 600_000

/** @param kubeconfigPath whoever may watch Applications in `namespace` */
export function watchLiveApplications(kubeconfigPath: string, namespace: string): LiveApplications {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigPath)
  const since = new Map<string, number>()
  const put = (item: unknown) => {
    const { folder, sync, operation, isOperating, health, isDeleting } = readApplication(item)
    const isLive =
      !isDeleting &&
      sync.status === 'Synced' &&
      health.status === 'Healthy' &&
      !isOperating &&
      operation?.phase === 'Succeeded'
    if (isLive && !since.has(folder)) since.set(folder, Date.now())
  }
  const ending = new AbortController()
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications`
  const ended = followCollection(
    config,
    { path, labelSelector: '', relistMs: RELIST_MS },
    { replace: (items) => items.forEach(put), put, remove() {}, up() {}, down() {} },
    ending.signal,
  )
  return {
    sinceMs(folder) {
      const at = since.get(folder)
      if (at === undefined) throw new Error(`no Application of ${folder} was seen to be live`)
      return at
    },
    async close() {
      ending.abort()
      await ended
    },
  }
}
