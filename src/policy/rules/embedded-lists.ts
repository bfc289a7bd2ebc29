import { isList } from '../../manifests/json.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Kubernetes, apimachinery: Unstructured.IsList: whatever has a list called `items` at its top is a list to kubectl and
 * Argo CD, which apply the items in the object's place. Lists by kind have been taken apart before.
 */
export const embeddedLists: Rule = {
  name: 'embedded-lists',
  why: 'Argo CD would apply the items, which nobody has looked at, and not the object.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: ({ manifest }) =>
    isList(manifest.items)
      ? [{ field: 'items', words: 'makes a list of the object: leave it out, and write its items as objects' }]
      : [],
}
