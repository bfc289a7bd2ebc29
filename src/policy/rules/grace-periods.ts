import { inContainer, inSpec, shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Longer than any program needs to put its work away. */
const MAX_SECONDS = 3600
const PROBES = ['livenessProbe', 'startupProbe']

/** Kubernetes: Pod Lifecycle, Termination of Pods: a Namespace is there until the last of its pods is gone. */
export const gracePeriods: Rule = {
  name: 'grace-periods',
  why: 'A pod that may take years to end keeps the preview there for years.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ pods, containers }) =>
    [
      ...pods.flatMap((pod) => inSpec(pod, ['terminationGracePeriodSeconds'])),
      ...containers.flatMap((container) =>
        PROBES.flatMap((probe) => inContainer(container, [probe, 'terminationGracePeriodSeconds'])),
      ),
    ]
      .filter(({ value }) => Number(value) > MAX_SECONDS)
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: an hour, ${MAX_SECONDS}, is the most` })),
}
