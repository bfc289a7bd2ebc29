import { objectOf, textOf } from '../../manifests/json.ts'
import { groupKindOf } from '../../manifests/manifest.ts'
import { below, locate } from '../locate.ts'
import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'

/**
 * Kubernetes: Configure Service Accounts, opting out of API credential automounting; Projected Volumes. A pod that says
 * nothing has a token, so it has to say: WeStage says no for those that do not.
 */
export const tokenMounts: Rule = {
  name: 'token-mounts',
  why: 'A token in a pod is the pod’s way to the API server, and whoever takes over the pod has it.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    subject.context.settings.profile === 'strict' ? [...asked(subject), ...unasked(subject)] : unasked(subject),
}

const asked = ({ kind, manifest, pods }: Subject): readonly Breach[] => [
  ...[
    ...pods.flatMap((pod) => inSpec(pod, ['automountServiceAccountToken'])),
    ...(kind === 'ServiceAccount' ? locate(manifest, ['automountServiceAccountToken']) : []),
  ]
    .filter(({ value }) => value !== false)
    .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out, pods get no token then` })),
  ...pods
    .flatMap((pod) => inSpec(pod, ['volumes', '*', 'projected', 'sources', '*', 'serviceAccountToken']))
    .map(({ field }) => ({ field, words: 'mounts a token of the service account: leave the volume out' })),
]

function unasked({ pods, bundle, context }: Subject): readonly Breach[] {
  const isSaid = (account: string): boolean =>
    [...bundle, ...context.beside].some(
      (one) =>
        groupKindOf(one) === 'ServiceAccount' &&
        one.metadata.name === account &&
        typeof one.automountServiceAccountToken === 'boolean',
    )
  return pods
    .filter(({ spec }) => {
      const account = textOf(spec.serviceAccountName) || textOf(spec.serviceAccount) || 'default'
      return (
        Object.keys(objectOf(spec)).length > 0 &&
        (spec.automountServiceAccountToken ?? null) === null &&
        !isSaid(account)
      )
    })
    .map(({ field }) => ({
      field: below(field, 'spec.automountServiceAccountToken'),
      words: 'is not set, and a pod that says nothing has a token: set it to false, or to true where the app needs one',
    }))
}
