import type { Manifest } from '../../src/manifests/manifest.ts'
import { findingsOf, type PolicyContext, type PolicySettings } from '../../src/policy/policy.ts'

export const NAMESPACE = 'westage-shop-feat-cart'

/** The preview of the app `shop` under the default profile, changed where a test says so. */
export const contextOf = (
  settings: Partial<PolicySettings> = {},
  changes: Partial<Omit<PolicyContext, 'settings'>> = {},
): PolicyContext => ({
  app: 'shop',
  namespace: NAMESPACE,
  podTemplates: new Map(),
  beside: [],
  ...changes,
  settings: {
    profile: 'standard',
    kinds: { allow: [], deny: [] },
    ingressAnnotations: [],
    exemptions: [],
    ...settings,
  },
})

/** The rules that refuse something of these objects, each once, in order of the alphabet. */
export const rulesAgainst = (manifests: readonly Manifest[], context: PolicyContext): readonly string[] =>
  [...new Set(findingsOf(manifests, context).refused.map(({ rule }) => rule))].toSorted()
