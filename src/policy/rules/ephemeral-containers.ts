import { inSpec } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Ephemeral Containers are added to a running pod, never by a manifest. */
export const ephemeralContainers: Rule = {
  name: 'ephemeral-containers',
  why: 'They are for debugging by hand, and no manifest has a use for them.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ pods }) =>
    pods
      .flatMap((pod) => inSpec(pod, ['ephemeralContainers', '*']))
      .map(({ field }) => ({ field, words: 'is an ephemeral container: make it one of containers or initContainers' })),
}
