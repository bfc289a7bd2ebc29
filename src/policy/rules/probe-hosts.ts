import { inContainer, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const HANDLERS = [
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => [probe]),
  ...['postStart', 'preStop'].map((hook) => ['lifecycle', hook]),
]

/** Kubernetes: Pod Security Standards, Baseline, Host Probes / Lifecycle Hooks. */
export const probeHosts: Rule = {
  name: 'probe-hosts',
  why: 'The kubelet makes these requests from the node’s network, where no policy holds it back.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ containers }) =>
    containers
      .flatMap((container) =>
        HANDLERS.flatMap((handler) =>
          ['httpGet', 'tcpSocket'].flatMap((action) => inContainer(container, [...handler, action, 'host'])),
        ),
      )
      .filter(({ value }) => value !== '')
      .map(({ field, value }) => ({
        field,
        words: `has the kubelet ask ${shown(value)}: leave it out, and the pod itself is asked`,
      })),
}
