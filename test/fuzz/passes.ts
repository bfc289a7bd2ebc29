import { findingsOf, type PolicyContext } from '../../src/policy/policy.ts'
import type { Passes } from './judge.ts'

/** As an instance has it that sets nothing. */
const STANDARD: PolicyContext = {
  app: 'shop',
  namespace: 'westage-shop-feat-cart',
  settings: { profile: 'standard', kinds: { allow: [], deny: [] }, ingressAnnotations: [], exemptions: [] },
  podTemplates: new Map(),
  beside: [],
}

/** The policy's place in the fuzzer: whether an instance that sets nothing lets these objects pass. */
export const passes: Passes = (manifests) => findingsOf(manifests, STANDARD).refused.length === 0
