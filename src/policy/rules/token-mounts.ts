import { locate } from '../locate.ts'
import { inSpec, shown } from '../pods.ts'
import { RESTRICTED } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Configure Service Accounts, opting out of API credential automounting; Projected Volumes. */
export const tokenMounts: Rule = {
  name: 'token-mounts',
  why: 'A token in a pod is the pod’s way to the API server, and whoever takes over the pod has it.',
  verdicts: RESTRICTED,
  exemption: 'possible',
  breachesOf: ({ kind, manifest, pods }) => [
    ...[
      ...pods.flatMap((pod) => inSpec(pod, ['automountServiceAccountToken'])),
      ...(kind === 'ServiceAccount' ? locate(manifest, ['automountServiceAccountToken']) : []),
    ]
      .filter(({ value }) => value !== false)
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out, pods get no token then` })),
    ...pods
      .flatMap((pod) => inSpec(pod, ['volumes', '*', 'projected', 'sources', '*', 'serviceAccountToken']))
      .map(({ field }) => ({ field, words: 'mounts a token of the service account: leave the volume out' })),
  ],
}
