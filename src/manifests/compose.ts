/** A preview's whole content: the app's objects, and what operators and WeStage put beside them. */
import { Terminal } from '../domain/errors.ts'
import type { Preview } from '../domain/preview.ts'
import type { Bundle } from './bundle.ts'
import { CommonFault } from './common-fault.ts'
import { dropCloudIdentities } from './drop-cloud-identities.ts'
import { fileNamesOf } from './file-names.ts'
import { exposedUrlsOf, wildcardsOf } from './hosts/exposed.ts'
import { labelOwner } from './label-owner.ts'
import { annotationsOf, groupKindOf, identityOf, type Manifest, objectName, withAnnotations } from './manifest.ts'
import { namespaceObject } from './move-to-namespace.ts'
import { printPreview } from './preview-file.ts'
import { printManifest } from './print.ts'
import { SYNC_WAVE, waveOf } from './sync-wave.ts'
import type { Target } from './target.ts'
import { adaptations, admissions, transformed } from './transforms.ts'

/** Everything that does not come from the pull request. */
export interface Additions {
  /** The operators' own, as they stand in `common/`. */
  readonly common: readonly Manifest[]
  readonly addons: readonly Manifest[]
  /** What WeStage sets for the namespace: quota, limits, network policies. */
  readonly guards: readonly Manifest[]
  /** Labels of the preview's Namespace, such as those of Pod Security Admission. */
  readonly namespaceLabels: Readonly<Record<string, string>>
}

export interface Composition {
  /** File name below `manifests/` -> manifest */
  readonly files: ReadonlyMap<string, Manifest>
  readonly hosts: readonly string[]
  /** The wildcards that the preview answers for beside. */
  readonly wildcards: readonly string[]
  /** The first host's URL, '' where the preview is not exposed. */
  readonly url: string
  /** Objects of the app, as `Kind/name`, in whose place operators' own of the same name are. */
  readonly replaced: readonly string[]
}

/**
 * The Namespace is made here once more, whatever came from the pull request: its labels are the policy's. What operators
 * put there goes through the same transforms, and takes the place of an object of the app that is called the same.
 * @throws {CommonFault} as the transforms, of what operators put there
 */
export function composed({ manifests }: Bundle, additions: Additions, target: Target): Composition {
  const apps = manifests.filter((manifest) => groupKindOf(manifest) !== 'Namespace')
  const common = commonOf(additions.common, target)
  const added = new Set(common.map(identityOf))
  const kept = apps.filter((manifest) => !added.has(identityOf(manifest)))
  const inside = [...labelOwner(additions.addons, target), ...common, ...kept]
  const namespace = namespaceObject(target.namespace, inside, additions.namespaceLabels)
  // In the wave of the Namespace: Argo CD applies it first, and then what limits it, before anything else.
  const guards = additions.guards.map((guard) =>
    withAnnotations(guard, { ...annotationsOf(guard), [SYNC_WAVE]: String(waveOf(namespace)) }),
  )
  const whole = [...labelOwner([namespace, ...guards], target), ...inside]
  const exposed = exposedUrlsOf([...kept, ...common], target)
  return {
    files: fileNamesOf(whole),
    hosts: exposed.map(({ host }) => host),
    wildcards: wildcardsOf([...kept, ...common], target),
    url: exposed[0]?.url ?? '',
    replaced: apps.filter((manifest) => added.has(identityOf(manifest))).map(objectName),
  }
}

/**
 * The author's wishes are for the app's objects. A schedule and an identity in a cloud that operators put there for
 * previews is not the sibling's.
 */
function commonOf(manifests: readonly Manifest[], target: Target): readonly Manifest[] {
  if (manifests.length === 0) return []
  const hosts = { ...target.hosts, exposed: null }
  const theirs: Target = { ...target, hosts, images: [], size: { ...target.size, replicas: {} }, cronJobs: 'all' }
  const list = [...admissions, ...adaptations].filter(({ apply }) => apply !== dropCloudIdentities)
  try {
    const moved = transformed(manifests, theirs, list)
    return moved.filter((manifest) => groupKindOf(manifest) !== 'Namespace')
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    throw new CommonFault(error.message, error)
  }
}

/** Path below the preview's folder -> text. @throws {Terminal} (operator) `preview` is not what preview.yaml may say */
export const folderFilesOf = (files: ReadonlyMap<string, Manifest>, preview: Preview): ReadonlyMap<string, string> =>
  new Map([
    ['preview.yaml', printPreview(preview)],
    ...[...files].map(([file, manifest]): [string, string] => [`manifests/${file}`, printManifest(manifest)]),
  ])
