import { objectOf } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { isWindows } from '../pods.ts'
import { RESTRICTED } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Restricted, Seccomp: a profile has to be set. */
export const seccompProfile: Rule = {
  name: 'seccomp-profile',
  why: 'Without a seccomp profile a container may call all of the kernel, and many clusters set none by default.',
  verdicts: RESTRICTED,
  exemption: 'possible',
  breachesOf: ({ containers }) =>
    containers
      .filter(
        ({ container, pod }) =>
          !isWindows(pod) &&
          [container, pod.spec].every(
            (part) => (objectOf(objectOf(part.securityContext).seccompProfile).type ?? null) === null,
          ),
      )
      .map(({ field }) => ({
        field: below(field, 'securityContext.seccompProfile.type'),
        words: 'has to be RuntimeDefault, here or for the whole pod',
      })),
}
