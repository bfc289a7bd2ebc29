import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { annotationField, metadataOf } from '../metadata.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Kubernetes: Finalizers; Owners and Dependents. */
const FIELDS = ['finalizers', 'ownerReferences', 'deletionGracePeriodSeconds', 'deletionTimestamp']
/** Argo CD: Resource Hooks and Sync Options; Helm: Tell Helm Not To Uninstall a Resource. */
const ANNOTATIONS: Readonly<Record<string, RegExp>> = {
  'argocd.argoproj.io/hook': /(Pre|Post)Delete/i,
  'helm.sh/hook': /(pre|post)-delete/i,
  'argocd.argoproj.io/sync-options': /(^|,)\s*(Prune|Delete)\s*=\s*(?!true\s*(,|$))/i,
  'helm.sh/resource-policy': /./,
}

export const deletionBlockers: Rule = {
  name: 'deletion-blockers',
  why: 'A preview has to go away as a whole when its pull request is closed.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: (subject) =>
    metadataOf(subject).flatMap(({ field, metadata, annotations }) => [
      ...FIELDS.flatMap((name) => locate(metadata, [name], field))
        .filter(({ value }) => !(Array.isArray(value) && value.length === 0))
        .map((found) => ({
          field: found.field,
          words: 'keeps the object from being deleted with the preview: leave it out',
        })),
      ...Object.entries(ANNOTATIONS)
        .filter(([key, blocking]) => blocking.test(textOf(annotations[key])))
        .map(([key]) => ({
          field: annotationField(field, key),
          words: `is ${shown(annotations[key] ?? null)}, which holds a deletion up: leave it out`,
        })),
    ]),
}
