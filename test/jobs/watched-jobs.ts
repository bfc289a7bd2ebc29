/** What Jobs there were in a namespace of the tests' cluster, seen from the cluster's side. */
import { BatchV1Api, type KubeConfig, makeInformer, type V1Job } from '@kubernetes/client-node'
import { WORK_LABEL } from '../../src/adapters/kubernetes-jobs/job-objects.ts'

export interface WatchedJobs {
  /** Names of all Jobs so far, in the order in which they were made. */
  readonly made: readonly string[]
  /** Those that were made while another one of the same work was there. */
  readonly twice: readonly string[]
  stop(): Promise<void>
}

export async function watchJobs(config: KubeConfig, namespace: string): Promise<WatchedJobs> {
  const batch = config.makeApiClient(BatchV1Api)
  const made: string[] = []
  const twice: string[] = []
  const there = new Map<string, string>()
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const jobs = makeInformer<V1Job>(config, path, () => batch.listNamespacedJob({ namespace }))
  jobs.on('add', ({ metadata }) => {
    const [name, work] = [metadata?.name ?? '', metadata?.labels?.[WORK_LABEL] ?? '']
    made.push(name)
    if ([...there.values()].includes(work)) twice.push(name)
    there.set(name, work)
  })
  jobs.on('delete', ({ metadata }) => {
    there.delete(metadata?.name ?? '')
  })
  await jobs.start()
  return { made, twice, stop: () => jobs.stop() }
}
