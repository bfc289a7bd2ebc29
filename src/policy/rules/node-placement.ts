import { objectOf, textOf } from '../../manifests/json.ts'
import { below, entriesIn } from '../locate.ts'
import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Breach, Rule } from '../rule.ts'

/** Kubernetes: Well-Known Labels, Annotations and Taints. */
const CONTROL_PLANE = /^node-role\.kubernetes\.io\/(control-plane|master)$/

/** Kubernetes: Assigning Pods to Nodes; Taints and Tolerations. */
export const nodePlacement: Rule = {
  name: 'node-placement',
  why: 'Nodes of the control plane, and nodes that are set aside for others, are not for previews.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ pods }) =>
    pods.flatMap((pod): readonly Breach[] => [
      ...inSpec(pod, ['nodeName'])
        .filter(({ value }) => value !== '')
        .map(({ field, value }) => ({ field, words: `is ${shown(value)}, past the scheduler: leave it out` })),
      ...inSpec(pod, ['tolerations', '*'])
        .filter(({ value }) => {
          const key = textOf(objectOf(value).key)
          return key === '' || CONTROL_PLANE.test(key)
        })
        .map(({ field, value }) => ({
          field,
          words: `tolerates ${textOf(objectOf(value).key) === '' ? 'every taint' : shown(objectOf(value).key ?? null)}: leave it out`,
        })),
      ...['nodeSelector', 'affinity'].flatMap((name) =>
        [...entriesIn(pod.spec[name], new Set(), below(below(pod.field, 'spec'), name))]
          .filter(({ key, value }) => CONTROL_PLANE.test(key) || (key === 'key' && CONTROL_PLANE.test(textOf(value))))
          .map(({ field }) => ({ field, words: 'chooses nodes of the control plane: leave it out' })),
      ),
    ]),
}
