import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Kubernetes: Service, External IPs: every node takes what is sent to such an address (CVE-2020-8554). Gateway API,
 * GatewaySpec: the addresses that a Gateway asks for.
 */
const PATHS = new Map([
  [
    'Service',
    [
      ['spec', 'externalIPs', '*'],
      ['spec', 'loadBalancerIP'],
    ],
  ],
  ['Gateway.gateway.networking.k8s.io', [['spec', 'addresses', '*']]],
])

export const externalIps: Rule = {
  name: 'external-ips',
  why: 'Whoever claims an address gets what the whole cluster sends there.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    (PATHS.get(kind) ?? [])
      .flatMap((path) => locate(manifest, path))
      .filter(({ value }) => value !== '')
      .map(({ field, value }) => ({ field, words: `claims the address ${shown(value)}: leave it out` })),
}
