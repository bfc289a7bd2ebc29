import { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { jsonOf, kubernetesGet } from '../../src/adapters/kubernetes/kubernetes-get.ts'
import { until } from '../demo/until.ts'
import { PLAYED_NODE } from './played-node.ts'
import { REAL_NODE } from './real-node.ts'
import { type ClusterState, kubeconfigOf } from './state.ts'

const READY_TIMEOUT_MS = 60_000

const NodeSchema = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string() })).default([]),
  }),
})

/** Waits until pods can be put on the cluster's node. @throws {Missed} with what the node says of itself */
export async function nodeIsReady(state: ClusterState, signal: AbortSignal): Promise<void> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigOf(state.folder))
  const path = `/api/v1/nodes/${state.pods === 'real' ? REAL_NODE : PLAYED_NODE}`
  const fault = async () => {
    try {
      const node = NodeSchema.parse(await jsonOf(await kubernetesGet(config, path, {}, signal)))
      const ready = node.status.conditions.find(({ type }) => type === 'Ready')
      return ready?.status === 'True' ? null : (ready?.message ?? 'it says nothing yet')
    } catch (error) {
      return String(error)
    }
  }
  await until('the node to be ready', READY_TIMEOUT_MS, fault, signal)
}
