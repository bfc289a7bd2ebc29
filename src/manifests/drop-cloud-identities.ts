import type { JsonObject } from './json.ts'
import { groupKindOf } from './manifest.ts'
import { mapMetadata, mapTemplateMetadata, metadataWithout } from './metadata.ts'
import { mapPodTemplates } from './pod-templates.ts'
import type { Transform } from './transform.ts'

/**
 * By which clouds know a pod for somebody: AWS (IAM Roles for Service Accounts; kube2iam and kiam), Google Cloud
 * (Workload Identity Federation for GKE), Azure (Workload ID, and the pod identity before it), Alibaba Cloud (RRSA).
 */
const PREFIXES = [
  'eks.amazonaws.com/',
  'iam.amazonaws.com/',
  'iam.gke.io/',
  'azure.workload.identity/',
  'pod-identity.alibabacloud.com/',
]
const NAMES = ['aadpodidbinding']

const isIdentity = (name: string): boolean => NAMES.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix))

/**
 * Takes off the identities that service accounts and pods have in a cloud: a preview would act there as its long-lived
 * sibling does, on the sibling's buckets and queues.
 */
export const dropCloudIdentities: Transform = (manifests, { podTemplates }) => {
  const anonymous = (metadata: JsonObject) =>
    metadataWithout(metadataWithout(metadata, 'annotations', isIdentity), 'labels', isIdentity)
  return manifests.map((manifest) =>
    groupKindOf(manifest) === 'ServiceAccount'
      ? mapMetadata(manifest, anonymous)
      : mapPodTemplates(manifest, (template) => mapTemplateMetadata(template, anonymous), podTemplates),
  )
}
