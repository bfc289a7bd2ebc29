import { createHash } from 'node:crypto'
import { groupKindOf, groupOf, type Manifest } from './manifest.ts'

/** Far below the 255 bytes that file systems and git take. */
const NAME_MAX = 120

/**
 * A file name for each manifest: `<kind>-<name>.yaml`, and `<kind>.<group>-<name>.yaml` for a kind that two groups
 * have. A name that had to be changed to be safe, or cut, ends in a hash of the object's identity, so that two objects
 * never share a file.
 */
export function fileNamesOf(manifests: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  const groups = new Map<string, Set<string>>()
  for (const manifest of manifests) {
    const kind = manifest.kind.toLowerCase()
    groups.set(kind, (groups.get(kind) ?? new Set()).add(groupOf(manifest)))
  }
  const files = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const kind = manifest.kind.toLowerCase()
    const isShared = (groups.get(kind)?.size ?? 0) > 1 && groupOf(manifest) !== ''
    const wanted = `${isShared ? `${kind}.${groupOf(manifest)}` : kind}-${manifest.metadata.name}`
    const plain = plainNameOf(wanted)
    files.set(plain === null || files.has(plain) ? hashedNameOf(wanted, manifest) : plain, manifest)
  }
  return files
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
