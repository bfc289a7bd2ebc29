import { keyed } from '../../manifests/changes.ts'
import { below } from '../locate.ts'
import { annotationField, metadataOf } from '../metadata.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * By which a pod becomes somebody at a cloud: AWS (IRSA, kube2iam and kiam), Google Cloud, Azure (Workload Identity and
 * its predecessor), Alibaba. WeStage takes them off before.
 */
const ANNOTATIONS = [
  /^eks\.amazonaws\.com\/(role-arn|.*token.*|audience)$/,
  /^iam\.amazonaws\.com\//,
  /^iam\.gke\.io\//,
  /^azure\.workload\.identity\/(client-id|tenant-id|use)$/,
  /^aadpodidbinding$/,
  /^pod-identity\.alibabacloud\.com\//,
]

export const cloudIdentities: Rule = {
  name: 'cloud-identities',
  why: 'The identity is that of the long-lived app, with all that it may do to real data.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) => {
    if (subject.kind !== 'ServiceAccount' && subject.pods.length === 0) return []
    return metadataOf(subject).flatMap(({ field, annotations, labels }) => {
      const isIdentity = (key: string) => ANNOTATIONS.some((annotation) => annotation.test(key))
      return [
        ...Object.keys(annotations)
          .filter(isIdentity)
          .map((key) => annotationField(field, key)),
        ...Object.keys(labels)
          .filter(isIdentity)
          .map((key) => below(`${field}.labels`, keyed(key))),
      ].map((at) => ({ field: at, words: 'gives the preview an identity at a cloud: leave it out' }))
    })
  },
}
