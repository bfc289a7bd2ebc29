import { isObject, objectOf, textOf } from './json.ts'
import { changeField, groupKindOf, groupOf, type Manifest } from './manifest.ts'
import { SCALED_KINDS } from './replicas.ts'
import type { Transform } from './transform.ts'

/**
 * Groups and kinds that set how many pods there are, how big they are, or how many must stay: Kubernetes (Horizontal
 * Pod Autoscaling), its Vertical Pod Autoscaler and GKE's; KEDA's ScaledObject, which is a HorizontalPodAutoscaler in
 * the making; Kubernetes (Disruptions): a budget over the few pods of a preview keeps nodes from being drained.
 */
const GROUPS = ['autoscaling', 'autoscaling.k8s.io', 'autoscaling.gke.io']
const KINDS = ['ScaledObject.keda.sh', 'PodDisruptionBudget.policy']

const isScalingRule = (manifest: Manifest): boolean =>
  GROUPS.includes(groupOf(manifest)) || KINDS.includes(groupKindOf(manifest))

/**
 * Leaves out what would scale a preview beyond what it was given. A workload that was left to an autoscaler, with no
 * number of pods of its own or with none until there is work, gets one pod.
 */
export const dropScalingRules: Transform = (manifests) => {
  const scaled = new Set(manifests.filter(isScalingRule).flatMap(targetsOf))
  return manifests.flatMap((manifest) => {
    if (isScalingRule(manifest)) return []
    const isLeftAlone = scaled.has(`${manifest.kind}/${manifest.metadata.name}`)
    return [isLeftAlone && SCALED_KINDS.includes(groupKindOf(manifest)) ? withOnePod(manifest) : manifest]
  })
}

/** `Kind/name`. KEDA: ScaledObject specification; a target without a kind is a Deployment. */
const targetsOf = (rule: Manifest): readonly string[] => {
  const { scaleTargetRef } = objectOf(rule.spec)
  return isObject(scaleTargetRef)
    ? [`${textOf(scaleTargetRef.kind) || 'Deployment'}/${textOf(scaleTargetRef.name)}`]
    : []
}

const withOnePod = (manifest: Manifest): Manifest =>
  changeField(manifest, ['spec'], (spec) =>
    isObject(spec) && (spec.replicas ?? 0) === 0 ? { ...spec, replicas: 1 } : spec,
  )
