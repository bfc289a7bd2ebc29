import { locate } from '../locate.ts'
import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Baseline, HostPath Volumes. */
export const hostPath: Rule = {
  name: 'host-path',
  why: 'Files of the node are shared by all that runs there.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest, pods }) =>
    [
      ...pods.flatMap((pod) => inSpec(pod, ['volumes', '*', 'hostPath'])),
      // Where an instance lets these in at all.
      ...(kind === 'PersistentVolume' ? ['hostPath', 'local'].flatMap((name) => locate(manifest, ['spec', name])) : []),
    ].map(({ field, value }) => ({
      field,
      words: `mounts ${shown(value)} of the node: use an emptyDir or a PersistentVolumeClaim`,
    })),
}
