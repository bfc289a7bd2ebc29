import { isClusterScoped } from '../../manifests/cluster-scoped-kinds.ts'
import { isNamespaceRule } from '../../manifests/drop-namespace-rules.ts'
import { isPermittedKind } from '../permitted-kinds.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'
import { applicationKinds } from './application-kinds.ts'

/** Kinds by a list; the version says nothing, so an old one is no way past it. */
export const kinds: Rule = {
  name: 'kinds',
  why: 'Of a kind that nobody here knows, nobody can say what it does.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => (isPermitted(subject) ? [] : [breachOf(subject)]),
}

function isPermitted(subject: Subject): boolean {
  const { kind, manifest, context } = subject
  const { allow, deny } = context.settings.kinds
  // Other rules have more to say about these.
  if (isClusterScoped(kind) || isNamespaceRule(manifest) || applicationKinds.breachesOf(subject).length > 0) return true
  return !deny.includes(kind) && (allow.includes(kind) || isPermittedKind(kind, context.settings.profile))
}

function breachOf({ kind, context: { settings } }: Subject): Breach {
  const because = settings.kinds.deny.includes(kind)
    ? `policy.kinds.deny of this instance has ${kind}`
    : `${kind} is not among the kinds of the profile ${settings.profile}; policy.kinds.allow permits it`
  return { field: '', words: `${because}: leave it out of the preview’s folder` }
}
