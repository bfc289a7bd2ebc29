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
import type { Transform } from './transform.ts'

/** What of an app's objects goes into a preview. What is stripped away whole needs no refusal, so that goes first. */
export const admissions: readonly Transform[] = [stripDeletionBlockers, dropNamespaceRules, refuseClusterScoped]

/**
 * How what was admitted is made the preview's own. The namespace is added after the refusal, before every wave, and
 * labelled with the rest; the environment tells of the hosts and so comes after them.
 */
export const adaptations: readonly Transform[] = [
  postponePreSyncHooks,
  recreateJobs,
  moveToNamespace,
  prefixHosts,
  pinImages,
  injectEnv,
  labelOwner,
]

/** Runs a list of transforms, one on what the other gave. @throws {Terminal} as each of them */
export const transformed = (
  manifests: readonly Manifest[],
  target: Target,
  list: readonly Transform[],
): readonly Manifest[] => list.reduce((given, transform) => transform(given, target), manifests)
