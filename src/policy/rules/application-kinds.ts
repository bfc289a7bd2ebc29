import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const KINDS = ['Application.argoproj.io', 'ApplicationSet.argoproj.io', 'AppProject.argoproj.io', 'ArgoCD.argoproj.io']

/** Argo CD: whoever makes one of these deploys anything anywhere. */
export const applicationKinds: Rule = {
  name: 'application-kinds',
  why: 'An Application would bring, with Argo CD’s own rights, what nobody here has looked at.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: ({ kind }) =>
    KINDS.includes(kind)
      ? [
          {
            field: '',
            words: `is a ${kind}, by which Argo CD deploys something else: leave it out of the preview’s folder`,
          },
        ]
      : [],
}
