import { textOf } from '../../manifests/json.ts'
import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** What a container has anyway, and may say (Kubernetes: Pod Security Standards, Baseline, Capabilities). */
const PERMITTED = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

export const capabilities: Rule = {
  name: 'capabilities',
  why: 'More than the runtime’s own capabilities is a way out of the container.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    inSecurityContexts(subject, ['capabilities', 'add', '*'])
      .filter(({ value }) => !PERMITTED.includes(textOf(value)))
      .map(({ field, value }) => ({ field, words: `adds ${shown(value)}: leave it out` })),
}
