import { textOf } from '../../manifests/json.ts'
import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']

/** Kubernetes: Pod Security Standards, Baseline, SELinux. */
export const seLinux: Rule = {
  name: 'se-linux',
  why: 'The node’s SELinux type, user and role are one of the walls around a container.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) => [
    ...inSecurityContexts(subject, ['seLinuxOptions', 'type'])
      .filter(({ value }) => typeof value !== 'string' || !TYPES.includes(textOf(value)))
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out` })),
    ...['user', 'role']
      .flatMap((name) => inSecurityContexts(subject, ['seLinuxOptions', name]))
      .filter(({ value }) => value !== '')
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out` })),
  ],
}
