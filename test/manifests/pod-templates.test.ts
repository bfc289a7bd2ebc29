import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, pathOf } from '../../src/manifests/json.ts'
import { containersOf, mapContainers, mapPodTemplates, podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { only } from './only.ts'

const SPEC = {
  initContainers: [{ name: 'wait' }, { name: 'mesh', restartPolicy: 'Always' }],
  containers: [{ name: 'web' }],
  ephemeralContainers: [{ name: 'debug' }],
}
const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: SPEC }

const job = { spec: { template: TEMPLATE } }
const PLACES: readonly (readonly [string, string, JsonObject, number])[] = [
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => ['apps/v1', kind, job, 1] as const),
  ['extensions/v1beta1', 'DaemonSet', job, 1],
  ['batch/v1', 'Job', job, 1],
  ['batch/v1', 'CronJob', { spec: { jobTemplate: job } }, 1],
  ['batch/v1beta1', 'CronJob', { spec: { jobTemplate: job } }, 1],
  ['v1', 'Pod', { spec: SPEC }, 1],
  ['v1', 'PodTemplate', { template: TEMPLATE }, 1],
  ['v1', 'ReplicationController', job, 1],
  ['argoproj.io/v1alpha1', 'Rollout', job, 1],
  ['serving.knative.dev/v1', 'Service', job, 1],
  ['serving.knative.dev/v1', 'Configuration', job, 1],
  ['serving.knative.dev/v1', 'Revision', { spec: SPEC }, 1],
  ['sources.knative.dev/v1', 'ContainerSource', job, 1],
  ['apps.openshift.io/v1', 'DeploymentConfig', job, 1],
  ['keda.sh/v1alpha1', 'ScaledJob', { spec: { jobTargetRef: { template: TEMPLATE } } }, 1],
  [
    'argoproj.io/v1alpha1',
    'AnalysisTemplate',
    {
      spec: {
        metrics: [
          { name: 'a', provider: { job } },
          { name: 'b', provider: { web: {} } },
        ],
      },
    },
    1,
  ],
  ['argoproj.io/v1alpha1', 'ClusterAnalysisTemplate', { spec: { metrics: [{ provider: { job } }] } }, 1],
  ['argoproj.io/v1alpha1', 'Experiment', { spec: { templates: [{ template: TEMPLATE }, { template: TEMPLATE }] } }, 2],
  ['jobset.x-k8s.io/v1alpha2', 'JobSet', { spec: { replicatedJobs: [{ name: 'w', template: job }] } }, 1],
  [
    'leaderworkerset.x-k8s.io/v1',
    'LeaderWorkerSet',
    { spec: { leaderWorkerTemplate: { leaderTemplate: TEMPLATE, workerTemplate: TEMPLATE } } },
    2,
  ],
]
const seen = (container: JsonObject): JsonObject => ({ ...container, seen: true })
const names = ['wait', 'mesh', 'web', 'debug']

describe('a pod template', () => {
  it.each(PLACES)('is found in %s %s, with every sort of container', (apiVersion, kind, rest, count) => {
    const changed = mapContainers(only(apiVersion, kind, rest), seen)
    const expected = Array.from({ length: count }, () =>
      names.map((name) => expect.objectContaining({ name, seen: true })),
    )
    expect(containersOf(changed)).toEqual(expected.flat())
    expect(podSpecsOf(changed)).toHaveLength(count)
  })

  it.each(PLACES)('that nothing changes leaves %s %s the very same object', (apiVersion, kind, rest) => {
    const manifest = only(apiVersion, kind, rest)
    expect(mapContainers(manifest, (container) => container)).toBe(manifest)
    expect(mapPodTemplates(manifest, (template) => template)).toBe(manifest)
  })

  it('is found where an instance says a custom kind has it, in lists too', () => {
    const worker = only('acme.test/v1', 'Worker', { spec: { pools: [{ pod: TEMPLATE }, { pod: TEMPLATE }] } })
    expect(containersOf(worker)).toEqual([])
    expect(mapContainers(worker, seen)).toBe(worker)
    const custom = new Map([['Worker.acme.test', pathOf('spec.pools.*.pod')]])
    expect(containersOf(mapContainers(worker, seen, custom), custom)).toHaveLength(8)
    expect(containersOf(mapContainers(worker, seen, custom), custom)).toEqual(
      expect.not.arrayContaining([expect.not.objectContaining({ seen: true })]),
    )
  })

  it('of a known kind stays known where an instance names another place for it', () => {
    const custom = new Map([['Deployment.apps', pathOf('spec.other')]])
    expect(containersOf(only('apps/v1', 'Deployment', job), custom)).toHaveLength(4)
  })

  it.each<[string, string, Json]>([
    ['apps/v1', 'Deployment', { template: null }],
    ['apps/v1', 'Deployment', { template: { spec: { containers: null } } }],
    ['apps/v1', 'Deployment', { template: { spec: { containers: 'web' } } }],
    ['argoproj.io/v1alpha1', 'Rollout', { workloadRef: { kind: 'Deployment', name: 'web' } }],
    ['v1', 'Service', { template: TEMPLATE }],
    ['acme.test/v1', 'Deployment', { template: TEMPLATE }],
  ])('is not made up for %s %s with %j', (apiVersion, kind, spec) => {
    const manifest = only(apiVersion, kind, { spec })
    expect(containersOf(manifest)).toEqual([])
    expect(mapContainers(manifest, seen)).toBe(manifest)
  })
})
