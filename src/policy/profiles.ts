/**
 * How much a preview is permitted. By the Pod Security Standards (Kubernetes): `strict` is Restricted, `standard` is
 * Baseline, `trusted` is Privileged. What keeps previews apart from everything else holds in all three.
 */
export type Profile = 'strict' | 'standard' | 'trusted'

/** What becomes of what a rule finds: told as a refusal, told in the Check, or not looked for. */
export type Verdict = 'refused' | 'noted' | 'passed'

export type Verdicts = Readonly<Record<Profile, Verdict>>

/** Isolation: a preview must not reach, or take anything from, what is not its own. */
export const EVERYWHERE: Verdicts = { strict: 'refused', standard: 'refused', trusted: 'refused' }

/** What the Baseline forbids, and what belongs to the same level elsewhere. */
export const BASELINE: Verdicts = { strict: 'refused', standard: 'refused', trusted: 'passed' }

/** What the Restricted level asks for on top. */
export const RESTRICTED: Verdicts = { strict: 'refused', standard: 'passed', trusted: 'passed' }

const POD_SECURITY: Readonly<Record<Profile, string>> = {
  strict: 'restricted',
  standard: 'baseline',
  trusted: 'privileged',
}

/** The labels by which the preview's Namespace asks for the same of the API server (Kubernetes: Pod Security Admission). */
export const namespaceLabelsOf = (profile: Profile): Readonly<Record<string, string>> => ({
  'pod-security.kubernetes.io/enforce': POD_SECURITY[profile],
  'pod-security.kubernetes.io/warn': POD_SECURITY[profile],
})
