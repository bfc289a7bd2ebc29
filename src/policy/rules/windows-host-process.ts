import { inSecurityContexts, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Pod Security Standards, Baseline, HostProcess. */
export const windowsHostProcess: Rule = {
  name: 'windows-host-process',
  why: 'A HostProcess container owns the Windows node that it runs on.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    inSecurityContexts(subject, ['windowsOptions', 'hostProcess'])
      .filter(({ value }) => value !== false)
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}: leave it out` })),
}
