import { type JsonObject, textOf } from './json.ts'
import { groupKindOf } from './manifest.ts'
import { mapPodSpecs } from './pod-templates.ts'
import type { Transform } from './transform.ts'

/**
 * Gives a token for the API server only to pods that ask for it: `automountServiceAccountToken: true` in the pod or in
 * its ServiceAccount, of which the pod's word counts (Kubernetes: Configure Service Accounts for Pods). Kubernetes
 * itself gives one to every pod that does not refuse.
 */
export const withholdTokens: Transform = (manifests, { podTemplates }) => {
  const asking = new Set(
    manifests
      .filter((one) => groupKindOf(one) === 'ServiceAccount' && one.automountServiceAccountToken === true)
      .map(({ metadata }) => metadata.name),
  )
  const withheld = (spec: JsonObject): JsonObject => {
    const isSilent = (spec.automountServiceAccountToken ?? null) === null
    return isSilent && !asking.has(accountOf(spec)) ? { ...spec, automountServiceAccountToken: false } : spec
  }
  return manifests.map((manifest) => mapPodSpecs(manifest, withheld, podTemplates))
}

/** Kubernetes: PodSpec v1 core. `serviceAccount` is the old name of the field; without either it is `default`. */
const accountOf = (spec: JsonObject): string =>
  textOf(spec.serviceAccountName) || textOf(spec.serviceAccount) || 'default'
