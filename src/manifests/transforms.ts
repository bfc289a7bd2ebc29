import { type Change, changesOf } from './changes.ts'
import { dropNamespaceRules } from './drop-namespace-rules.ts'
import { injectEnv } from './inject-env.ts'
import { labelOwner } from './label-owner.ts'
import type { Manifest } from './manifest.ts'
import { moveToNamespace } from './move-to-namespace.ts'
import { pinImages } from './pin-images.ts'
import { postponePreSyncHooks } from './postpone-presync-hooks.ts'
import { prefixHosts } from './prefix-hosts.ts'
import { recreateJobs } from './recreate-jobs.ts'
import { refuseClusterScoped } from './refuse-cluster-scoped.ts'
import { stripDeletionBlockers } from './strip-deletion-blockers.ts'
import type { Target } from './target.ts'
import type { ListedTransform } from './transform.ts'

/** What of an app's objects goes into a preview. What is stripped away whole needs no refusal, so that goes first. */
export const admissions: readonly ListedTransform[] = [
  {
    name: 'deletion',
    why: 'Finalizers, hooks and owners would keep a preview from going away.',
    apply: stripDeletionBlockers,
    told: 'each',
  },
  {
    name: "the namespace's rules",
    why: 'Quotas, limits and network policies of the namespace are the operators’ to make.',
    apply: dropNamespaceRules,
    told: 'each',
  },
  {
    name: 'cluster-scoped objects',
    why: 'A preview owns one namespace and nothing outside it.',
    apply: refuseClusterScoped,
    told: 'each',
  },
]

/**
 * How what was admitted is made the preview's own. The namespace is added after the refusal, before every wave, and
 * labelled with the rest; the environment tells of the hosts and so comes after them.
 */
export const adaptations: readonly ListedTransform[] = [
  {
    name: 'PreSync hooks',
    why: 'Before the first sync there is no namespace for them to run in.',
    apply: postponePreSyncHooks,
    told: 'each',
  },
  {
    name: 'Jobs and Pods',
    why: 'They can’t be changed, only made anew, and every revision changes them.',
    apply: recreateJobs,
    told: 'sum',
  },
  { name: 'namespace', why: 'Every preview has a namespace of its own.', apply: moveToNamespace, told: 'sum' },
  { name: 'hosts', why: 'Every preview answers at addresses of its own.', apply: prefixHosts, told: 'each' },
  { name: 'images', why: 'The image that was built from this commit, by digest.', apply: pinImages, told: 'each' },
  { name: 'variables', why: 'Containers are told which preview they are part of.', apply: injectEnv, told: 'sum' },
  { name: 'labels', why: 'Every object says whose preview it is.', apply: labelOwner, told: 'sum' },
]

/** What one transform changed. */
export interface Told {
  readonly transform: ListedTransform
  readonly changes: readonly Change[]
}

/**
 * Runs a list of transforms, one on what the other gave.
 * @param tell is told what each of them changed
 * @throws {Terminal} as each of them
 */
export const transformed = (
  manifests: readonly Manifest[],
  target: Target,
  list: readonly ListedTransform[],
  tell: (told: Told) => void = () => {},
): readonly Manifest[] =>
  list.reduce((given, transform) => {
    const made = transform.apply(given, target)
    const changes = changesOf(given, made)
    if (changes.length > 0) tell({ transform, changes })
    return made
  }, manifests)
