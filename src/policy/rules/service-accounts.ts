import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { inSpec, shown } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'

/** Knative: ApiServerSource; others of its sources have the same field. */
const OUTSIDE_OF_PODS = [['spec', 'serviceAccountName']]

/** Whose name a pod runs under decides what it may ask of the API server (Kubernetes: Configure Service Accounts). */
export const serviceAccounts: Rule = {
  name: 'service-accounts',
  why: 'An account that somebody else made may have rights that are not for a pull request.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) => [...strangersIn(subject), ...customDeployersIn(subject)],
}

const strangersIn = (subject: Subject): readonly Breach[] =>
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
    }))

/** OpenShift: Deployment strategies, Custom: its image is run under the account of the platform's own deployer. */
const customDeployersIn = ({ manifest }: Subject): readonly Breach[] =>
  locate(manifest, ['spec', 'strategy', 'customParams']).map(({ field }) => ({
    field,
    words: 'runs an image under the account of OpenShift’s deployer: take the strategy Rolling or Recreate',
  }))
