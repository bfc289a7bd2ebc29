import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const FIELDS = ['hostNetwork', 'hostPID', 'hostIPC']

/** Kubernetes: Pod Security Standards, Baseline, Host Namespaces. */
export const hostNamespaces: Rule = {
  name: 'host-namespaces',
  why: 'In the node’s own namespaces a pod sees and reaches what is not the preview’s.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ pods }) =>
    pods.flatMap((pod) =>
      FIELDS.flatMap((name) => inSpec(pod, [name]))
        .filter(({ value }) => value !== false)
        .map(({ field, value }) => ({
          field,
          words: `is ${shown(value)}: leave it out, a preview’s pods have their own`,
        })),
    ),
}
