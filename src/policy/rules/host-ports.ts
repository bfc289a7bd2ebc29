import { inContainer, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Baseline, Host Ports. */
export const hostPorts: Rule = {
  name: 'host-ports',
  why: 'A port of the node is there once, for all previews and their siblings.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ containers }) =>
    containers
      .flatMap((container) => inContainer(container, ['ports', '*', 'hostPort']))
      .filter(({ value }) => value !== 0)
      .map(({ field, value }) => ({
        field,
        words: `takes port ${shown(value)} of the node: leave it out, and use a Service`,
      })),
}
