/** Where each kind says how many pods it has. */
import { type Path, pathOf } from './json.ts'

/** The kinds of which a HorizontalPodAutoscaler has charge elsewhere, and whose authors may ask for a number of pods. */
export const SCALED_KINDS: readonly string[] = [
  'Deployment.apps',
  'Deployment.extensions',
  'StatefulSet.apps',
  'ReplicaSet.apps',
  'ReplicaSet.extensions',
  'ReplicationController',
  'Rollout.argoproj.io',
  'DeploymentConfig.apps.openshift.io',
  'LeaderWorkerSet.leaderworkerset.x-k8s.io',
]

/**
 * Every place of a kind that says how many pods run at a time: Kubernetes API reference, Workload resources; Argo
 * Rollouts, Specification and Experiments; KEDA, ScaledJob; JobSet.
 */
export const REPLICA_PATHS: ReadonlyMap<string, readonly Path[]> = new Map([
  ...SCALED_KINDS.map((kind): [string, readonly Path[]] => [kind, [pathOf('spec.replicas')]]),
  [
    'Rollout.argoproj.io',
    [
      pathOf('spec.replicas'),
      pathOf('spec.strategy.blueGreen.previewReplicaCount'),
      pathOf('spec.strategy.canary.steps.*.setCanaryScale.replicas'),
      pathOf('spec.strategy.canary.steps.*.experiment.templates.*.replicas'),
    ],
  ],
  ['Experiment.argoproj.io', [pathOf('spec.templates.*.replicas')]],
  ['Job.batch', [pathOf('spec.parallelism')]],
  ['CronJob.batch', [pathOf('spec.jobTemplate.spec.parallelism')]],
  [
    'JobSet.jobset.x-k8s.io',
    [pathOf('spec.replicatedJobs.*.replicas'), pathOf('spec.replicatedJobs.*.template.spec.parallelism')],
  ],
  [
    'ScaledJob.keda.sh',
    [pathOf('spec.minReplicaCount'), pathOf('spec.maxReplicaCount'), pathOf('spec.jobTargetRef.parallelism')],
  ],
])
