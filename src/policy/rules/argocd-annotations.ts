import { keyed } from '../../manifests/changes.ts'
import { textOf } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { annotationField, metadataOf } from '../metadata.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule } from '../rule.ts'

const PREFIX = /(^|\.)argocd\.argoproj\.io\//
const LIST = (items: string) => new RegExp(`^\\s*(${items})(\\s*,\\s*(${items}))*\\s*$`)

/**
 * Those that WeStage itself writes, or leaves as they are, and what they may say. Argo CD: Sync Phases and Waves,
 * Resource Hooks, Sync Options.
 */
const PERMITTED: Readonly<Record<string, RegExp>> = {
  'argocd.argoproj.io/sync-wave': /^-?\d{1,9}$/,
  'argocd.argoproj.io/hook': LIST('Sync|PostSync|SyncFail'),
  'argocd.argoproj.io/hook-delete-policy': LIST('HookSucceeded|HookFailed|BeforeHookCreation'),
  'argocd.argoproj.io/sync-options': LIST('Force=true|Replace=true'),
  'link.argocd.argoproj.io/external-link': /^https?:\/\//,
}
/** Jobs and Pods are made anew by WeStage; anything else that Argo CD replaces by force would lose what it holds. */
const REPLACED = ['Job.batch', 'Pod']
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'

export const argocdAnnotations: Rule = {
  name: 'argocd-annotations',
  why: 'They tell Argo CD to leave objects alone, to compare less, or to take them for another Application’s.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: (subject) =>
    metadataOf(subject).flatMap(({ field, annotations, labels, of }): readonly Breach[] => [
      ...Object.entries(annotations)
        .filter(
          ([key, value]) => PREFIX.test(key) && !(of === 'object' && isPermitted(subject.kind, key, textOf(value))),
        )
        .map(([key, value]) => ({
          field: annotationField(field, key),
          words: `is ${shown(value)}, and only sync-wave and hooks of the sync are the app’s to set: leave it out`,
        })),
      ...Object.keys(labels)
        .filter((key) => PREFIX.test(key))
        .map((key) => ({
          field: below(`${field}.labels`, keyed(key)),
          words: 'is a label of Argo CD’s own: leave it out',
        })),
    ]),
}

const isPermitted = (kind: string, key: string, value: string): boolean =>
  PERMITTED[key]?.test(value) === true && (key !== SYNC_OPTIONS || REPLACED.includes(kind))
