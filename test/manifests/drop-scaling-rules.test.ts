import { describe, expect, it } from 'vitest'
import { dropScalingRules } from '../../src/manifests/drop-scaling-rules.ts'
import type { JsonObject } from '../../src/manifests/json.ts'
import { only } from './only.ts'
import { targetOf } from './sample.ts'

const after = (...manifests: Parameters<typeof dropScalingRules>[0]) => dropScalingRules(manifests, targetOf())
const scaler = (apiVersion: string, kind: string, scaleTargetRef: JsonObject) =>
  only(apiVersion, kind, { spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 4 } })
const HPA = scaler('autoscaling/v2', 'HorizontalPodAutoscaler', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'x',
})

describe('what scales pods, or says how many must stay', () => {
  it.each([
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['autoscaling/v2beta1', 'HorizontalPodAutoscaler'],
    ['autoscaling/v1', 'HorizontalPodAutoscaler'],
    ['autoscaling.k8s.io/v1', 'VerticalPodAutoscaler'],
    ['autoscaling.gke.io/v1beta1', 'MultidimPodAutoscaler'],
    ['keda.sh/v1alpha1', 'ScaledObject'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['policy/v1beta1', 'PodDisruptionBudget'],
  ])('goes: %s %s', (apiVersion, kind) => {
    const service = only('v1', 'Service')
    expect(after(only(apiVersion, kind), service)).toEqual([service])
  })

  it.each([
    ['keda.sh/v1alpha1', 'ScaledJob'],
    ['keda.sh/v1alpha1', 'TriggerAuthentication'],
    ['acme.test/v1', 'HorizontalPodAutoscaler'],
    ['policy/v1', 'Eviction'],
  ])('is not confused with what does neither: %s %s', (apiVersion, kind) => {
    const manifest = only(apiVersion, kind)
    expect(after(manifest)[0]).toBe(manifest)
  })
})

describe('a workload that was left to an autoscaler', () => {
  it.each<[string, string, JsonObject]>([
    ['apps/v1', 'Deployment', {}],
    ['apps/v1', 'Deployment', { replicas: null }],
    ['apps/v1', 'Deployment', { replicas: 0 }],
  ])('runs in one pod where it names no number itself: %s %s %j', (apiVersion, kind, spec) => {
    expect(after(HPA, only(apiVersion, kind, { spec }))[0]?.spec).toEqual({ replicas: 1 })
  })

  it('is found by KEDA’s rule too, of which the kind may be left out', () => {
    const scaled = scaler('keda.sh/v1alpha1', 'ScaledObject', { name: 'x' })
    expect(after(scaled, only('apps/v1', 'Deployment', { spec: {} }))[0]?.spec).toEqual({ replicas: 1 })
    const rollout = scaler('keda.sh/v1alpha1', 'ScaledObject', { kind: 'Rollout', name: 'x' })
    expect(after(rollout, only('argoproj.io/v1alpha1', 'Rollout', { spec: {} }))[0]?.spec).toEqual({ replicas: 1 })
  })

  it.each([
    ['that names a number', only('apps/v1', 'Deployment', { spec: { replicas: 3 } })],
    ['of another name', only('apps/v1', 'Deployment', { metadata: { name: 'y' }, spec: {} })],
    ['of another kind', only('apps/v1', 'StatefulSet', { spec: {} })],
    ['that has no replicas', only('acme.test/v1', 'Deployment', { spec: {} })],
  ])('is not one %s', (_, manifest) => {
    expect(after(HPA, manifest)[0]).toBe(manifest)
  })
})
