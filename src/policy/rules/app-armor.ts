import { textOf } from '../../manifests/json.ts'
import { annotationField, metadataOf } from '../metadata.ts'
import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const PERMITTED = ['RuntimeDefault', 'Localhost']
const ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/'

/** Kubernetes: Pod Security Standards, Baseline, AppArmor. */
export const appArmor: Rule = {
  name: 'app-armor',
  why: 'The node’s AppArmor profile is one of the walls around a container.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) => [
    ...inSecurityContexts(subject, ['appArmorProfile', 'type'])
      .filter(({ value }) => !PERMITTED.includes(textOf(value)))
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: use RuntimeDefault` })),
    ...metadataOf(subject).flatMap(({ field, annotations }) =>
      Object.entries(annotations)
        .filter(
          ([key, value]) => key.startsWith(ANNOTATION) && !/^(runtime\/default|localhost\/.+|)$/.test(textOf(value)),
        )
        .map(([key, value]) => ({
          field: annotationField(field, key),
          words: `is ${shown(value)}: use runtime/default`,
        })),
    ),
  ],
}
