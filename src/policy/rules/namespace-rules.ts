import { isNamespaceRule } from '../../manifests/drop-namespace-rules.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** WeStage takes them out before, and adds its own afterwards. */
export const namespaceRules: Rule = {
  name: 'namespace-rules',
  why: 'What a preview may use, and whom it may reach, is not for the preview to say.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: ({ manifest }) =>
    isNamespaceRule(manifest)
      ? [{ field: '', words: 'sets rules for the namespace, which are the operators’ to make: leave it out' }]
      : [],
}
