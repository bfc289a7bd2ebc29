import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** WeStage puts every object there before; templates have no namespace of their own (Kubernetes: PodTemplateSpec). */
export const ownNamespace: Rule = {
  name: 'own-namespace',
  why: 'A preview is its namespace, and nothing outside it.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: ({ manifest, context: { namespace } }) =>
    locate(manifest, ['metadata', 'namespace'])
      .filter(({ value }) => value !== namespace && value !== '')
      .map(({ field, value }) => ({ field, words: `is ${shown(value)}, and the preview’s own is ${namespace}` })),
}
