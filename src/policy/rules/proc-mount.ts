import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Baseline, /proc Mount Type. */
export const procMount: Rule = {
  name: 'proc-mount',
  why: 'The runtime masks parts of /proc that tell of the node and change it.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    inSecurityContexts(subject, ['procMount'])
      .filter(({ value }) => value !== 'Default' && value !== '')
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out` })),
}
