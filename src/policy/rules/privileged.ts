import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Baseline, Privileged Containers. */
export const privileged: Rule = {
  name: 'privileged',
  why: 'A privileged container owns the node that it runs on, and all that runs there.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    inSecurityContexts(subject, ['privileged'])
      .filter(({ value }) => value !== false)
      .map(({ field, value }) => ({
        field,
        words: `is ${shown(value)}, and a privileged container owns its node: leave it out`,
      })),
}
