import { z } from 'zod'
import { isExemptible, ruleNames } from '../policy/policy.ts'
import { groupKind } from '../settings/kubernetes-values.ts'

/** Kubernetes: an annotation's name has a prefix, a slash and a name; `*` at the end stands for any. */
const annotationPattern = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*\*?$/, 'is not the name of an annotation; only its end may be *')

const KindsSchema = z.strictObject({
  allow: z
    .array(groupKind)
    .default([])
    .describe(
      "Kinds that a preview may have beside the profile's own: `Rollout.argoproj.io`, `Pod` in the core group.",
    ),
  deny: z
    .array(groupKind)
    .default([])
    .describe("Kinds that a preview may not have, over the profile's list and `allow`."),
})

const ExemptionSchema = z.strictObject({
  rule: z
    .enum(ruleNames)
    .refine(isExemptible, { error: 'is a rule that no setting exempts from' })
    .describe('The rule, by the name that its refusal says.'),
  app: z.string().min(1).nullable().default(null).describe('For this app only. Without it: for all.'),
  object: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]*\/[^\s*]*\*?$/, 'is not Kind/name; only its end may be *')
    .nullable()
    .default(null)
    .describe('For this object only, `Kind/name`; `*` at the end stands for any. Without it: for all.'),
})

/** What a preview may hold. */
export const PolicySchema = z.strictObject({
  profile: z.enum(['strict', 'standard', 'trusted']).default('standard').describe('How much is permitted.'),
  kinds: KindsSchema.prefault({}),
  ingressAnnotations: z
    .array(annotationPattern)
    .default([])
    .describe("Annotations of Ingresses that are permitted beside the profile's own; `*` at the end stands for any."),
  exemptions: z.array(ExemptionSchema).default([]).describe('What is permitted all the same.'),
})
