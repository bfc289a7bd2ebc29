import type { V1PodSpec } from '@kubernetes/client-node'
import { type Toleration, tolerationOf } from '../adapters/kubernetes-jobs/toleration.ts'
import { billionthsOf, quantityOf } from '../manifests/quantity.ts'
import { TOKEN_KEY } from './worker-job.ts'

export interface WorkerPodSettings {
  /** This project's own. */
  readonly image: string
  readonly pullSecrets: readonly string[]
  /** Where pods reach the service's port for workers. */
  readonly server: string
  readonly maxMemoryMb: number
  /** Processors, as Kubernetes counts them. */
  readonly cpu: string
  /** Of what is unpacked and rendered, on the node's disk. */
  readonly maxDiskMb: number
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly Toleration[]
}

const WORK = '/work'
const TOKEN = '/run/westage'
/** Nobody in particular, whoever the image is made for. */
const USER = 65532
/** Of the container's memory; the rest is for code, buffers and kustomize, which has a cap of its own. */
const HEAP_SHARE = 0.5
/** In billionths of one. */
const HALF_A_PROCESSOR = 500_000_000n

/**
 * The pod of one worker. It may write in one folder of its own, that is all: no account of the cluster's, no right that
 * root has, nothing of the image that can be changed, and no variable of the service's.
 * Kubernetes: "Pod Security Standards", restricted, and a root file system that can't be written beside it.
 */
export function workerPod(settings: WorkerPodSettings, secret: string): V1PodSpec {
  const { image, pullSecrets, server, maxMemoryMb, cpu, maxDiskMb, nodeSelector, tolerations } = settings
  const memory = `${maxMemoryMb}Mi`
  const disk = `${maxDiskMb}Mi`
  const seccompProfile = { type: 'RuntimeDefault' }
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER, seccompProfile },
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    nodeSelector: { ...nodeSelector },
    tolerations: tolerations.map(tolerationOf),
    containers: [
      {
        name: 'worker',
        image,
        command: ['westage', 'worker', '--server', server, '--token-file', `${TOKEN}/${TOKEN_KEY}`],
        workingDir: WORK,
        env: [
          { name: 'HOME', value: WORK },
          { name: 'TMPDIR', value: WORK },
          { name: 'NODE_OPTIONS', value: `--max-old-space-size=${Math.floor(maxMemoryMb * HEAP_SHARE)}` },
        ],
        resources: {
          // The disk is capped, not kept free for each: few repos come near that.
          requests: { memory, cpu: requestedOf(cpu), 'ephemeral-storage': '0' },
          limits: { memory, cpu, 'ephemeral-storage': disk },
        },
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          privileged: false,
          capabilities: { drop: ['ALL'] },
          seccompProfile,
        },
        volumeMounts: [
          { name: 'work', mountPath: WORK },
          { name: 'token', mountPath: TOKEN, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'work', emptyDir: { sizeLimit: disk } },
      // Read by the group, which is the pod's own (fsGroup). It is used up before anything of the repo is there.
      { name: 'token', secret: { secretName: secret, defaultMode: 0o440 } },
    ],
  }
}

/** What most of them need for most of their time; no more than they may take (Kubernetes refuses such a pod). */
function requestedOf(cpu: string): string {
  const limit = billionthsOf(cpu)
  return limit === null || limit > HALF_A_PROCESSOR ? quantityOf(HALF_A_PROCESSOR) : cpu
}
