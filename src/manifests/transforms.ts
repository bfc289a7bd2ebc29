import { capReplicas } from './cap-replicas.ts'
import { capRequests } from './cap-requests.ts'
import { type Change, changedObjects, changesOf } from './changes.ts'
import { confinePods } from './confine-pods.ts'
import { confineServices } from './confine-services.ts'
import { dropCloudIdentities } from './drop-cloud-identities.ts'
import { dropNamespaceRules } from './drop-namespace-rules.ts'
import { dropOverriddenVariables } from './drop-overridden-variables.ts'
import { dropPriorities } from './drop-priorities.ts'
import { dropScalingRules } from './drop-scaling-rules.ts'
import { followServiceNames } from './follow-services.ts'
import { followHosts } from './hosts/follow-hosts.ts'
import { renameHosts } from './hosts/hosts.ts'
import { injectEnv } from './inject-env.ts'
import { labelOwner } from './label-owner.ts'
import type { Manifest } from './manifest.ts'
import { moveToNamespace } from './move-to-namespace.ts'
import { pinImages } from './pin-images.ts'
import { postponePreSyncHooks } from './postpone-presync-hooks.ts'
import { recreateJobs } from './recreate-jobs.ts'
import { refuseClusterScoped } from './refuse-cluster-scoped.ts'
import { renameClusterScoped } from './rename-cluster-scoped.ts'
import { stripArgoCdAnnotations } from './strip-argocd-annotations.ts'
import { stripDeletionBlockers } from './strip-deletion-blockers.ts'
import { suspendCronJobs } from './suspend-cron-jobs.ts'
import type { Target } from './target.ts'
import type { ListedTransform } from './transform.ts'
import { unbindVolumes } from './unbind-volumes.ts'
import { withholdTokens } from './withhold-tokens.ts'

/** What of an app's objects goes into a preview. What is stripped away whole needs no refusal, so that goes first. */
export const admissions: readonly ListedTransform[] = [
  {
    name: 'deletion',
    why: 'Finalizers, hooks and owners would keep a preview from going away.',
    apply: stripDeletionBlockers,
    told: 'each',
  },
  {
    name: "Argo CD's options",
    why: 'How Argo CD keeps, compares and prunes a preview’s objects is the operators’ to say.',
    apply: stripArgoCdAnnotations,
    told: 'each',
  },
  {
    name: "the namespace's rules",
    why: 'Quotas, limits and network policies of the namespace are the operators’ to make.',
    apply: dropNamespaceRules,
    told: 'each',
  },
  {
    name: 'scaling',
    why: 'A preview stays as small as it is made, and its pods may be moved at any time.',
    apply: dropScalingRules,
    told: 'each',
  },
  {
    name: 'cluster-scoped objects',
    why: 'A preview owns one namespace and nothing outside it.',
    apply: (manifests, target) =>
      (target.clusterScoped === 'rename' ? renameClusterScoped : refuseClusterScoped)(manifests, target),
    told: 'each',
  },
]

/**
 * How what was admitted is made the preview's own. The namespace is added after the refusal, before every wave, and
 * labelled with the rest. Texts follow the hosts while these still are what the texts say; the environment tells of the
 * new ones and so comes after them.
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
  {
    name: 'addresses of Services',
    why: 'A preview talks to its own Services, never to its sibling’s.',
    apply: followServiceNames,
    told: 'each',
  },
  { name: 'namespace', why: 'Every preview has a namespace of its own.', apply: moveToNamespace, told: 'sum' },
  {
    name: 'hosts in texts',
    why: 'What names a host of the app is to reach the preview, not the app that lives for long.',
    apply: followHosts,
    told: 'check',
  },
  { name: 'hosts', why: 'Every preview answers at addresses of its own.', apply: renameHosts, told: 'each' },
  {
    name: 'Services',
    why: 'A load balancer, a node port and a fixed address are one for all, and cost money.',
    apply: confineServices,
    told: 'each',
  },
  {
    name: 'host network',
    why: 'A node’s ports and network are shared with every preview and its sibling.',
    apply: confinePods,
    told: 'each',
  },
  {
    name: 'priorities',
    why: 'To make room for a pod of high priority, pods of the sibling would be ended.',
    apply: dropPriorities,
    told: 'each',
  },
  { name: 'volumes', why: 'Every preview has volumes of its own.', apply: unbindVolumes, told: 'each' },
  { name: 'replicas', why: 'A preview is small: the instance caps it.', apply: capReplicas, told: 'each' },
  {
    name: 'requests',
    why: 'What is requested is kept free for a preview that mostly idles.',
    apply: capRequests,
    told: 'each',
  },
  {
    name: 'CronJobs',
    why: 'What the sibling does on a schedule must not be done again by each preview.',
    apply: suspendCronJobs,
    told: 'each',
  },
  {
    name: 'tokens',
    why: 'A pod that does not ask for a token of the API server gets none.',
    apply: withholdTokens,
    told: 'sum',
  },
  {
    name: 'cloud identities',
    why: 'A preview would act in the cloud as its sibling does.',
    apply: dropCloudIdentities,
    told: 'check',
  },
  { name: 'images', why: 'What was built from this commit, by digest.', apply: pinImages, told: 'each' },
  {
    name: 'overridden variables',
    why: 'Variables that WeStage, add-ons and operators set win over a container’s own.',
    apply: dropOverriddenVariables,
    told: 'check',
  },
  { name: 'variables', why: 'Containers are told which preview they are part of.', apply: injectEnv, told: 'sum' },
  { name: 'labels', why: 'Every object says whose preview it is.', apply: labelOwner, told: 'sum' },
]

/** What one transform changed. */
export interface Told {
  readonly transform: ListedTransform
  /** How many objects came, went or are not what they were. */
  readonly objects: number
  /** Looked for when it is asked: nobody reads what happened to every object alike, one by one. */
  readonly changes: () => readonly Change[]
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
    const objects = changedObjects(given, made)
    if (objects > 0) tell({ transform, objects, changes: () => changesOf(given, made) })
    return made
  }, manifests)
