/** The objects of one Job as Kubernetes has them. */
import { createHash } from 'node:crypto'
import type { V1Job, V1PodSpec, V1Secret } from '@kubernetes/client-node'

export interface JobOrder {
  /** Begins the Job's name; a random part follows. */
  readonly kind: 'build' | 'prepare'
  /** What comes of it, by a name: of two Jobs with the same, one is gone before the other is made. */
  readonly work: string
  /** What it is for: people read it in labels and annotations. */
  readonly about: { readonly app: string; readonly repository: string; readonly pull: number; readonly sha: string }
  /** Containers, volumes, limits and what they may do. How often it is started, its account and its end are the client's. */
  readonly pod: V1PodSpec
  /** What the Job's own Secret holds, by key; null for none. */
  readonly secret: Readonly<Record<string, string | Buffer>> | null
  /** From when the Job is made to its end; waiting for a node and for images counts. */
  readonly deadlineMs: number
}

/** Whose a Job is. */
export interface JobOwner {
  readonly instance: string
  /** The same for all Jobs of one run of the service, and unique to it: what has another is swept. */
  readonly process: string
}

export const INSTANCE_LABEL = 'westage.dev/instance'
export const PROCESS_LABEL = 'westage.dev/process'
/** On the Job and its pod: the Job's name. */
export const JOB_LABEL = 'westage.dev/job'
/** The same on Jobs of the same work, of whichever process. */
export const WORK_LABEL = 'westage.dev/work'

/** A label's value has 63 characters at most (Kubernetes: "Labels and Selectors"). */
export const workLabelOf = ({ kind, work }: Pick<JobOrder, 'kind' | 'work'>): string =>
  createHash('sha256').update(`${kind} ${work}`).digest('hex').slice(0, 40)

/** How long an ended Job is kept that nobody removed, since WeStage was away. */
const KEPT_S = 600

/**
 * The Job, suspended: nothing of it runs before its Secret is there, and a Job whose making nobody saw the end of never
 * starts. One pod, once (Kubernetes: Jobs, "Handling Pod and container failures"): `backoffLimit` 0 and no replacement of
 * a pod that still ends, since only its owner may have it made again.
 */
export function jobObject(name: string, order: JobOrder, owner: JobOwner): V1Job {
  const { kind, about, pod, deadlineMs } = order
  const labels = {
    'app.kubernetes.io/managed-by': 'westage',
    'app.kubernetes.io/component': kind,
    [INSTANCE_LABEL]: owner.instance,
    [PROCESS_LABEL]: owner.process,
    [JOB_LABEL]: name,
    [WORK_LABEL]: workLabelOf(order),
    'westage.dev/app': about.app,
    'westage.dev/pull': String(about.pull),
  }
  const annotations = { 'westage.dev/repository': about.repository, 'westage.dev/sha': about.sha }
  // A node that could be done without is kept until the pod is done (Cluster Autoscaler and Karpenter, their FAQs).
  const stay = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false', 'karpenter.sh/do-not-disrupt': 'true' }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels, annotations },
    spec: {
      suspend: true,
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      activeDeadlineSeconds: Math.max(1, Math.ceil(deadlineMs / 1000)),
      ttlSecondsAfterFinished: KEPT_S,
      template: {
        metadata: { labels, annotations: { ...annotations, ...stay } },
        spec: {
          ...pod,
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // 0 would take the pod off the list before kubelet has ended it.
          terminationGracePeriodSeconds: 1,
        },
      },
    },
  }
}

/** The Job's own Secret, which goes with it (Kubernetes: Garbage Collection, "Owners and dependents"). */
export function secretObject(
  name: string,
  contents: Readonly<Record<string, string | Buffer>>,
  job: { readonly name: string; readonly uid: string },
  owner: JobOwner,
): V1Secret {
  const reference = { apiVersion: 'batch/v1', kind: 'Job', ...job, controller: true, blockOwnerDeletion: true }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      labels: {
        'app.kubernetes.io/managed-by': 'westage',
        [INSTANCE_LABEL]: owner.instance,
        [PROCESS_LABEL]: owner.process,
        [JOB_LABEL]: job.name,
      },
      ownerReferences: [reference],
    },
    immutable: true,
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(contents).map(([key, content]) => [key, Buffer.from(content).toString('base64')]),
    ),
  }
}
