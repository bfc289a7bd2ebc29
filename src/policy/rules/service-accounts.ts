import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Knative: ApiServerSource; others of its sources have the same field. */
const OUTSIDE_OF_PODS = [['spec', 'serviceAccountName']]

/** Whose name a pod runs under decides what it may ask of the API server (Kubernetes: Configure Service Accounts). */
export const serviceAccounts: Rule = {
  name: 'service-accounts',
  why: 'An account that somebody else made may have rights that are not for a pull request.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) =>
    [
      ...subject.pods.flatMap((pod) => ['serviceAccountName', 'serviceAccount'].flatMap((name) => inSpec(pod, [name]))),
      ...(subject.pods.some(({ field }) => field === '')
        ? []
        : OUTSIDE_OF_PODS.flatMap((path) => locate(subject.manifest, path))),
    ]
      .filter(({ value }) => !subject.accounts.has(textOf(value)) || typeof value !== 'string')
      .map(({ field, value }) => ({
        field,
        words: `is ${shown(value)}, which is neither among the app’s objects nor in common/: add that ServiceAccount, or leave it out`,
      })),
}
