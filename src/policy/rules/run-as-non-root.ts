import { objectOf } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { inSecurityContexts } from '../pods.ts'
import { RESTRICTED } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Restricted, Running as Non-root, and as Non-root user. */
export const runAsNonRoot: Rule = {
  name: 'run-as-non-root',
  why: 'Root in a container is one fault of the kernel away from root on the node.',
  verdicts: RESTRICTED,
  exemption: 'possible',
  breachesOf: (subject) => [
    ...subject.containers
      .filter(({ container, pod }) => {
        const own = objectOf(container.securityContext).runAsNonRoot ?? null
        return (own ?? objectOf(pod.spec.securityContext).runAsNonRoot) !== true
      })
      .map(({ field }) => ({
        field: below(field, 'securityContext.runAsNonRoot'),
        words: 'has to be true, here or for the whole pod',
      })),
    ...inSecurityContexts(subject, ['runAsUser'])
      .filter(({ value }) => value === 0)
      .map(({ field }) => ({ field, words: 'is 0, which is root: use another' })),
  ],
}
