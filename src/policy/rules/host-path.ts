import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Baseline, HostPath Volumes. */
export const hostPath: Rule = {
  name: 'host-path',
  why: 'Files of the node are shared by all that runs there.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ pods }) =>
    pods
      .flatMap((pod) => inSpec(pod, ['volumes', '*', 'hostPath']))
      .map(({ field, value }) => ({
        field,
        words: `mounts ${shown(value)} of the node: use an emptyDir or a PersistentVolumeClaim`,
      })),
}
