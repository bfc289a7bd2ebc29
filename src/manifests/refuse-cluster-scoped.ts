import { Terminal } from '../domain/errors.ts'
import { isClusterScoped } from './cluster-scoped-kinds.ts'
import { groupKindOf, objectName } from './manifest.ts'
import type { Transform } from './transform.ts'

/**
 * A preview owns one namespace and nothing outside it. Namespaces that the app brings are left out: the preview has
 * its own.
 * @throws {Terminal} naming every other cluster-scoped object
 */
export const refuseClusterScoped: Transform = (manifests) => {
  const kept = manifests.filter((manifest) => groupKindOf(manifest) !== 'Namespace')
  const refused = kept.filter((manifest) => isClusterScoped(groupKindOf(manifest))).map(objectName)
  if (refused.length === 0) return kept
  throw new Terminal(
    `a preview can't hold what is cluster-scoped: ${refused.join(', ')}. Leave ${refused.length === 1 ? 'it' : 'them'} ` +
      'out of the folder that previews are rendered from',
  )
}
