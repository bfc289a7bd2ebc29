import { textOf } from '../../manifests/json.ts'
import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Priority and Preemption. */
export const priorityClasses: Rule = {
  name: 'priority-classes',
  why: 'Pods of a system class push others off their nodes, the cluster’s own too.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ pods }) =>
    pods
      .flatMap((pod) => inSpec(pod, ['priorityClassName']))
      .filter(({ value }) => textOf(value).startsWith('system-'))
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out` })),
}
