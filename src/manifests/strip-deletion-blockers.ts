import { changeAt, isObject, type Json, objectOf, textOf, without } from './json.ts'
import { annotationsOf, changeField, type Manifest, withAnnotations } from './manifest.ts'
import { mapPodTemplates, type PodTemplates } from './pod-templates.ts'
import type { Transform } from './transform.ts'

/** Argo CD: Resource Hooks. Hooks of the deletion keep an Application there until they have run. */
const HOOKS: Readonly<Record<string, readonly string[]>> = {
  'argocd.argoproj.io/hook': ['PreDelete', 'PostDelete'],
  'helm.sh/hook': ['pre-delete', 'post-delete'],
}
/** Argo CD: Sync Options, and Helm: Tell Helm Not To Uninstall a Resource, which Argo CD heeds. */
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'
const RESOURCE_POLICY = 'helm.sh/resource-policy'

/** Kubernetes: ObjectMeta. What blocks a deletion, and what only a server may write. */
const META = [
  'finalizers',
  'ownerReferences',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]

/**
 * Takes from the objects what would keep a preview from going away: finalizers (of pods and claims made from templates
 * too), owners, hooks of the deletion, orders to keep. An object that is nothing but such a hook is left out. What
 * only a server writes goes as well.
 */
export const stripDeletionBlockers: Transform = (manifests, { podTemplates }) =>
  manifests.flatMap((manifest) => {
    const unhooked = withoutDeletionHooks(manifest)
    return unhooked === null ? [] : [withoutServerFields(unhooked, podTemplates)]
  })

function withoutDeletionHooks(manifest: Manifest): Manifest | null {
  const { [RESOURCE_POLICY]: _, ...annotations } = annotationsOf(manifest)
  const changed: Record<string, Json> = { ...annotations }
  for (const [annotation, blocking] of Object.entries(HOOKS)) {
    const hooks = itemsOf(annotations[annotation])
    const kept = hooks.filter((hook) => !blocking.includes(hook))
    if (hooks.length > 0 && kept.length === 0) return null
    if (kept.length < hooks.length) changed[annotation] = kept.join(',')
  }
  const options = itemsOf(annotations[SYNC_OPTIONS])
  const kept = options.filter((option) => !/^(Prune|Delete)=/.test(option))
  if (kept.length === 0) delete changed[SYNC_OPTIONS]
  else if (kept.length < options.length) changed[SYNC_OPTIONS] = kept.join(',')
  const before = annotationsOf(manifest)
  const isSame = Object.keys(before).every((name) => changed[name] === before[name])
  return isSame ? manifest : withAnnotations(manifest, changed)
}

const itemsOf = (annotation: Json | undefined): readonly string[] =>
  textOf(annotation)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

function withoutServerFields(manifest: Manifest, podTemplates: PodTemplates): Manifest {
  const { status: _, ...rest } = manifest
  const kept: Manifest = { ...rest, apiVersion: rest.apiVersion, kind: rest.kind, metadata: rest.metadata }
  const bare = 'status' in manifest ? kept : manifest
  const metadata = without(bare.metadata, META)
  const plain = metadata === bare.metadata ? bare : { ...bare, metadata: { ...metadata, name: bare.metadata.name } }
  const paths = [
    ['spec', 'jobTemplate', 'metadata'],
    ['spec', 'volumeClaimTemplates', '*', 'metadata'],
  ]
  return paths.reduce<Manifest>(
    (stripped, path) => changeField(stripped, path, withoutMeta),
    mapPodTemplates(plain, (template) => objectOf(changeAt(template, ['metadata'], withoutMeta)), podTemplates),
  )
}

const withoutMeta = (metadata: Json): Json => (isObject(metadata) ? without(metadata, META) : metadata)
