import { textOf } from '../../manifests/json.ts'
import { annotationField, metadataOf } from '../metadata.ts'
import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const PERMITTED = ['RuntimeDefault', 'Localhost']
/** Servers before 1.27 read it from annotations. */
const ANNOTATION = /^(container\.)?seccomp\.security\.alpha\.kubernetes\.io\//

/** Kubernetes: Pod Security Standards, Baseline, Seccomp. */
export const seccomp: Rule = {
  name: 'seccomp',
  why: 'Without a seccomp profile a container may call all of the kernel.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) => [
    ...inSecurityContexts(subject, ['seccompProfile', 'type'])
      .filter(({ value }) => !PERMITTED.includes(textOf(value)))
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: use RuntimeDefault` })),
    ...metadataOf(subject).flatMap(({ field, annotations }) =>
      Object.entries(annotations)
        .filter(([key, value]) => ANNOTATION.test(key) && value === 'unconfined')
        .map(([key]) => ({ field: annotationField(field, key), words: 'is "unconfined": leave it out' })),
    ),
  ],
}
