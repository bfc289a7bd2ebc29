import { Terminal } from '../domain/errors.ts'
import { folderOf, namespaceOf } from '../domain/names.ts'
import type { Preview } from '../domain/preview.ts'
import { isClusterScoped } from './cluster-scoped-kinds.ts'
import { isNamedAfter, isRenamed } from './cluster-scoped-names.ts'
import { GUARD_KINDS, isCalledGuard, isNamespaceRule } from './drop-namespace-rules.ts'
import { familiesOf, namedHostsOf } from './hosts/families.ts'
import { isWildcard } from './hosts/host-name.ts'
import { groupKindOf, type Manifest, namespaceIn, objectName } from './manifest.ts'
import { parseManifests } from './parse.ts'
import { parsePreview } from './preview-file.ts'

/** What is wrong in a GitOps repo: where, and in one line what and what to do about it. */
export interface Fault {
  readonly path: string
  readonly words: string
}

/** A preview's folder as it lies in the repo. */
export interface FolderText {
  /** `previews/<app>/pr-<number>` */
  readonly path: string
  readonly app: string
  readonly pull: number
  /** The text of preview.yaml, null where there is none. */
  readonly preview: string | null
  /** File name below `manifests/` -> text */
  readonly manifests: ReadonlyMap<string, string>
}

/**
 * Whether a preview's folder says what it may: a valid preview.yaml of this very folder, and manifests that keep to the
 * preview's own namespace and hosts.
 * @returns every fault, and the preview where its preview.yaml can be read
 */
export function checkFolder(folder: FolderText): {
  readonly faults: readonly Fault[]
  readonly preview: Preview | null
} {
  const { path, manifests } = folder
  const missing: Fault[] =
    manifests.size > 0 ? [] : [{ path: `${path}/manifests`, words: `has no manifest: ${RESTORE} or remove ${path}` }]
  const at = `${path}/preview.yaml`
  if (folder.preview === null) {
    const words = `is missing, and without it Argo CD makes no Application: ${RESTORE} or remove ${path}`
    return { faults: [...missing, { path: at, words }], preview: null }
  }
  const read = parsePreview(folder.preview)
  if ('fault' in read) {
    const words = `${read.fault}. Such a file can stop the whole ApplicationSet: ${RESTORE} or correct it`
    return { faults: [...missing, { path: at, words }], preview: null }
  }
  const { preview } = read
  const own = placeFaults(folder, preview).map((words) => ({ path: at, words }))
  return { faults: [...missing, ...own, ...manifestFaults(folder, preview)], preview }
}

const RESTORE = 'revert the commit that made it so,'

function placeFaults({ path, app, pull }: FolderText, preview: Preview): readonly string[] {
  const [place, namespace] = [folderOf(preview.app, preview.pull.number), namespaceOf(preview.app, preview.slug)]
  return [
    ...(preview.app === app && preview.pull.number === pull
      ? []
      : [`is the preview of ${place}: move it there, or correct app and pull.number to those of ${path}`]),
    ...(preview.namespace === namespace
      ? []
      : [`the namespace is ${preview.namespace}: by app and slug it has to be ${namespace}`]),
  ]
}

function manifestFaults({ path, manifests }: FolderText, preview: Preview): readonly Fault[] {
  const faults: Fault[] = []
  const homes = new Map<string, string>()
  const files = new Map<Manifest, string>()
  for (const [file, text] of manifests) {
    const at = `${path}/manifests/${file}`
    for (const manifest of manifestsIn(text, (words) => faults.push({ path: at, words }))) {
      const identity = `${groupKindOf(manifest)} ${manifest.metadata.name}`
      const home = homes.get(identity)
      homes.set(identity, file)
      files.set(manifest, at)
      if (home !== undefined)
        faults.push({ path: at, words: `has ${objectName(manifest)}, as ${home} has: remove one` })
      for (const words of objectFaults(manifest, preview)) faults.push({ path: at, words })
    }
  }
  for (const [manifest, words] of hostFaults([...files.keys()], preview)) {
    faults.push({ path: files.get(manifest) ?? path, words })
  }
  if (manifests.size > 0 && faults.length === 0 && !homes.has(`Namespace ${preview.namespace}`)) {
    const words = `has no Namespace/${preview.namespace}, in which all else goes: ${RESTORE} or add it`
    faults.push({ path: `${path}/manifests`, words })
  }
  return faults
}

function manifestsIn(text: string, fault: (words: string) => void): readonly Manifest[] {
  try {
    return parseManifests(text, 'the file')
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    fault(`${error.message}: ${RESTORE} or correct it`)
    return []
  }
}

function objectFaults(manifest: Manifest, { namespace }: Preview): readonly string[] {
  const [called, kind] = [objectName(manifest), groupKindOf(manifest)]
  if (kind === 'Namespace') {
    return manifest.metadata.name === namespace ? [] : [`${called} is not the preview's own, ${namespace}: remove it`]
  }
  if (isClusterScoped(kind)) {
    const isOwn = isRenamed(kind) && isNamedAfter(manifest.metadata.name, namespace)
    return isOwn ? [] : [`${called} is outside of every namespace: remove it`]
  }
  if (isNamespaceRule(manifest) && !(GUARD_KINDS.includes(kind) && isCalledGuard(manifest))) {
    return [
      `${called} sets rules for the namespace, and is none of WeStage's own, which are called westage-…: remove it`,
    ]
  }
  const place = namespaceIn(manifest)
  return place === '' || place === namespace
    ? []
    : [`${called} is in the namespace ${place}: a preview keeps to its own, ${namespace}`]
}

/** The hosts that preview.yaml does not have. */
function hostFaults(
  manifests: readonly Manifest[],
  { namespace, hosts, wildcards }: Preview,
): readonly (readonly [Manifest, string])[] {
  const known = new Set(['*', ...hosts, ...wildcards])
  return namedHostsOf(manifests, familiesOf(manifests, { namespace, podTemplates: new Map() }))
    .filter(([, { host, isAddress }]) => isAddress && !known.has(host))
    .map(([manifest, { host }]) => [
      manifest,
      `${objectName(manifest)} answers for ${host}: add it to ${isWildcard(host) ? 'wildcards' : 'hosts'} in preview.yaml, or remove it`,
    ])
}
