import { objectOf, textOf } from '../../manifests/json.ts'
import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Those that touch one pod only (Kubernetes: Pod Security Standards, Baseline, Sysctls). */
const SAFE = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_syncookies',
]

export const sysctls: Rule = {
  name: 'sysctls',
  why: 'Other settings of the kernel are the node’s, or make it unstable.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    inSecurityContexts(subject, ['sysctls', '*'])
      .filter(({ value }) => !SAFE.includes(textOf(objectOf(value).name)))
      .map(({ field, value }) => ({ field, words: `sets ${shown(objectOf(value).name ?? value)}: leave it out` })),
}
