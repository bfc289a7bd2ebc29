import { listOf, objectOf } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { inSecurityContexts, isWindows, shown } from '../pods.ts'
import { RESTRICTED } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Restricted, Capabilities. */
export const dropCapabilities: Rule = {
  name: 'drop-capabilities',
  why: 'What a container does not need it should not have.',
  verdicts: RESTRICTED,
  exemption: 'possible',
  breachesOf: (subject) => [
    ...subject.containers
      .filter(
        ({ container, pod }) =>
          !isWindows(pod) && !listOf(objectOf(objectOf(container.securityContext).capabilities).drop).includes('ALL'),
      )
      .map(({ field }) => ({ field: below(field, 'securityContext.capabilities.drop'), words: 'has to have ALL' })),
    ...inSecurityContexts(subject, ['capabilities', 'add', '*'])
      .filter(({ value }) => value !== 'NET_BIND_SERVICE')
      .map(({ field, value }) => ({ field, words: `adds ${shown(value)}: leave it out` })),
  ],
}
