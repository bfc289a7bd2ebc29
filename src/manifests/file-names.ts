import { createHash } from 'node:crypto'
import { groupKindOf, groupOf, type Manifest } from './manifest.ts'

/** Far below the 255 bytes that file systems and git take. */
const NAME_MAX = 120

/**
 * A file name for each manifest: `<kind>-<name>.yaml`, and `<kind>.<group>-<name>.yaml` for kinds that are not
 * Kubernetes' own, so that no object's file is called otherwise because of another object. A name that had to be changed
 * to be safe, or cut, ends in a hash of the object's identity, so that two objects never share a file.
 */
export function fileNamesOf(manifests: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  const files = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const wanted = `${kindIn(manifest)}-${manifest.metadata.name}`
    const plain = plainNameOf(wanted)
    files.set(plain === null || files.has(plain) ? hashedNameOf(wanted, manifest) : plain, manifest)
  }
  return files
}

/** Kubernetes: API Groups. Its own have no dot, or end in k8s.io; `extensions` had kinds that are elsewhere now. */
const IS_OWN_GROUP = /^(?!extensions$)[a-z]*$|\.k8s\.io$/

function kindIn(manifest: Manifest): string {
  const [kind, group] = [manifest.kind.toLowerCase(), groupOf(manifest)]
  return IS_OWN_GROUP.test(group) ? kind : `${kind}.${group}`
}

/** The name as it is, null where it is not safe, too long, or could be taken for one with a hash. */
const plainNameOf = (wanted: string): string | null =>
  /^[a-z0-9.-]+$/.test(wanted) && wanted.length <= NAME_MAX && !/-[0-9a-f]{10}$/.test(wanted) ? `${wanted}.yaml` : null

function hashedNameOf(wanted: string, manifest: Manifest): string {
  const safe = wanted.toLowerCase().replace(/[^a-z0-9.-]+/g, '-')
  const identity = `${groupKindOf(manifest)} ${manifest.metadata.name}`
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 10)
  return `${safe.slice(0, NAME_MAX - hash.length - 1)}-${hash}.yaml`
}
