import { objectOf } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { isWindows } from '../pods.ts'
import { RESTRICTED } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Restricted, Privilege Escalation. */
export const privilegeEscalation: Rule = {
  name: 'privilege-escalation',
  why: 'Without it a program that is set-uid becomes root.',
  verdicts: RESTRICTED,
  exemption: 'possible',
  breachesOf: ({ containers }) =>
    containers
      .filter(
        ({ container, pod }) =>
          !isWindows(pod) && objectOf(container.securityContext).allowPrivilegeEscalation !== false,
      )
      .map(({ field }) => ({
        field: below(field, 'securityContext.allowPrivilegeEscalation'),
        words: 'has to be false',
      })),
}
