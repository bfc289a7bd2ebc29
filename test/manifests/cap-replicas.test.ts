import { describe, expect, it } from 'vitest'
import { capReplicas } from '../../src/manifests/cap-replicas.ts'
import { type JsonObject, pathOf } from '../../src/manifests/json.ts'
import type { Size } from '../../src/manifests/target.ts'
import { changed, only } from './only.ts'
import { RULES } from './sample.ts'

const sized = (size: Partial<Size>) => ({ size: { ...RULES.size, ...size } })
const TWO = sized({ replicasMax: 2 })

describe('how many pods a workload has', () => {
  it.each<[string, string, JsonObject, JsonObject]>([
    ['apps/v1', 'Deployment', { replicas: 5 }, { replicas: 2 }],
    ['apps/v1', 'Deployment', { replicas: 9007199254740993n }, { replicas: 2 }],
    ['apps/v1', 'StatefulSet', { replicas: 3 }, { replicas: 2 }],
    ['apps/v1', 'ReplicaSet', { replicas: 3 }, { replicas: 2 }],
    ['v1', 'ReplicationController', { replicas: 3 }, { replicas: 2 }],
    ['apps.openshift.io/v1', 'DeploymentConfig', { replicas: 3 }, { replicas: 2 }],
    ['batch/v1', 'Job', { parallelism: 9, completions: 9 }, { parallelism: 2, completions: 9 }],
    [
      'batch/v1',
      'CronJob',
      { jobTemplate: { spec: { parallelism: 9 } } },
      { jobTemplate: { spec: { parallelism: 2 } } },
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      {
        replicas: 5,
        strategy: { canary: { steps: [{ setWeight: 20 }, { experiment: { templates: [{ replicas: 3 }] } }] } },
      },
      {
        replicas: 2,
        strategy: { canary: { steps: [{ setWeight: 20 }, { experiment: { templates: [{ replicas: 2 }] } }] } },
      },
    ],
    ['argoproj.io/v1alpha1', 'Experiment', { templates: [{ replicas: 4 }] }, { templates: [{ replicas: 2 }] }],
    ['keda.sh/v1alpha1', 'ScaledJob', { maxReplicaCount: 100 }, { maxReplicaCount: 2 }],
  ])('is capped: %s %s', (apiVersion, kind, spec, expected) => {
    expect(changed(capReplicas, only(apiVersion, kind, { spec }), TWO).spec).toEqual(expected)
  })

  it.each<[JsonObject | null, JsonObject]>([
    [null, { max: '2' }],
    [
      { minScale: '3', maxScale: '10' },
      { minScale: '2', maxScale: '2' },
    ],
    [
      { 'min-scale': '1', 'max-scale': '0' },
      { 'min-scale': '1', 'max-scale': '2' },
    ],
    [{ 'initial-scale': '5' }, { 'initial-scale': '2', max: '2' }],
  ])('is capped in Knative’s annotations: %j', (own, expected) => {
    const named = (scale: JsonObject) =>
      Object.fromEntries(
        Object.entries(scale).map(([name, value]) => [
          `autoscaling.knative.dev/${name === 'max' ? 'max-scale' : name}`,
          value,
        ]),
      )
    const template = own === null ? { spec: {} } : { metadata: { annotations: named(own) }, spec: {} }
    const manifest = only('serving.knative.dev/v1', 'Service', { spec: { template } })
    expect(changed(capReplicas, manifest, TWO).spec).toEqual({
      template: { metadata: { annotations: named(expected) }, spec: {} },
    })
  })

  it('is capped in custom kinds that an instance names', () => {
    const worker = only('acme.test/v1', 'Worker', { spec: { replicas: 7 } })
    expect(changed(capReplicas, worker, TWO)).toBe(worker)
    const podTemplates = new Map([['Worker.acme.test', pathOf('spec.pod')]])
    expect(changed(capReplicas, worker, { ...TWO, podTemplates }).spec).toEqual({ replicas: 2 })
  })

  it.each<[JsonObject]>([[{ replicas: 2 }], [{ replicas: 0 }], [{}], [{ replicas: null }]])(
    'stays within the cap: %j',
    (spec) => {
      const manifest = only('apps/v1', 'Deployment', { spec })
      expect(changed(capReplicas, manifest, TWO)).toBe(manifest)
    },
  )

  it('stays where there is no cap', () => {
    const manifest = only('apps/v1', 'Deployment', { spec: { replicas: 50 } })
    expect(changed(capReplicas, manifest)).toBe(manifest)
  })
})

describe('how many pods an author asks for', () => {
  const wished = (spec: JsonObject, wish: number, replicasMax: number | null) =>
    changed(capReplicas, only('apps/v1', 'Deployment', { spec }), sized({ replicasMax, replicas: { x: wish } })).spec

  it('is what there is, within the cap', () => {
    expect(wished({ replicas: 1 }, 2, 3)).toEqual({ replicas: 2 })
    expect(wished({}, 2, null)).toEqual({ replicas: 2 })
    expect(wished({ replicas: 4 }, 1, 3)).toEqual({ replicas: 1 })
    expect(wished({ replicas: 4 }, 9, 3)).toEqual({ replicas: 3 })
  })

  it('is for a workload that is there', () => {
    const asking = () =>
      changed(capReplicas, only('apps/v1', 'Deployment', { spec: {} }), sized({ replicas: { wbe: 2 } }))
    expect(asking).toThrow("replicas of shop asks for wbe, which the manifests don't have: there are Deployment/x")
    const daemon = () => changed(capReplicas, only('apps/v1', 'DaemonSet', { spec: {} }), sized({ replicas: { x: 2 } }))
    expect(daemon).toThrow('there are none with replicas')
  })
})
