/**
 * A node whose pods are played by kwok, for machines that can't run any. They are Ready at once and answer nothing. An
 * image whose name holds one of these words has another fate: `crash` a crash loop, `missing` an image that can't be
 * pulled, `unready` a readiness probe that never passes.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apply } from './apply.ts'
import { partIsReady, startPart } from './parts.ts'
import { stagesOf } from './played-stages.ts'
import type { Programs } from './programs.ts'
import { type ClusterState, kubeconfigOf, type Part } from './state.ts'

export const PLAYED_NODE = 'played'
/** RFC 2544: set aside for benchmarks, so nobody is there. Kubernetes takes no endpoints in the loopback range. */
const PLAYED_ADDRESSES = '198.18.0.1/16'

export async function startPlayedNode(state: ClusterState, programs: Programs, signal: AbortSignal): Promise<void> {
  const folder = join(state.folder, 'kwok')
  await mkdir(folder, { recursive: true })
  const documents = stagesOf(PLAYED_NODE).map((stage) => JSON.stringify(stage))
  await writeFile(join(folder, 'stages.yaml'), documents.join('\n---\n'))
  const part: Part = {
    name: 'kwok',
    command: join(programs.folder, 'kwok'),
    args: [
      `--kubeconfig=${kubeconfigOf(state.folder)}`,
      `--config=${join(folder, 'stages.yaml')}`,
      `--manage-single-node=${PLAYED_NODE}`,
      '--node-lease-duration-seconds=40',
      `--cidr=${PLAYED_ADDRESSES}`,
    ],
    env: { HOME: folder },
    readyUrl: null,
  }
  await startPart(state, part)
  await partIsReady(state, part, signal)
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: PLAYED_NODE, labels: { type: 'kwok' } } }
  await apply(kubeconfigOf(state.folder), [node])
}

/** Whether a pod's address is that of a played one. */
export const isPlayedAddress = (address: string): boolean => address.startsWith('198.18.')
