import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Service, External IPs: every node takes what is sent to such an address (CVE-2020-8554). */
export const externalIps: Rule = {
  name: 'external-ips',
  why: 'Whoever claims an address gets what the whole cluster sends there.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind !== 'Service'
      ? []
      : [...locate(manifest, ['spec', 'externalIPs', '*']), ...locate(manifest, ['spec', 'loadBalancerIP'])]
          .filter(({ value }) => value !== '')
          .map(({ field, value }) => ({ field, words: `claims the address ${shown(value)}: leave it out` })),
}
