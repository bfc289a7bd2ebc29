import { Terminal } from '../domain/errors.ts'
import { objectOf, textOf } from '../manifests/json.ts'
import { identityOf, type Manifest, objectName } from '../manifests/manifest.ts'
import { ADDON_LABEL } from './workload.ts'

/**
 * @param additions what `additionsOf` gives
 * @throws {Terminal} the app has objects of the same names: all of them, and what to do
 */
export function refuseClashes(additions: readonly Manifest[], manifests: readonly Manifest[]): void {
  const made = new Map(additions.map((manifest) => [identityOf(manifest), manifest]))
  const clashes = manifests.flatMap((manifest) => {
    const own = made.get(identityOf(manifest))
    return own === undefined ? [] : [{ object: objectName(manifest), addon: addonOf(own) }]
  })
  if (clashes.length === 0) return
  const addons = [...new Set(clashes.map(({ addon }) => addon))]
  throw new Terminal(
    `${clashes.map(({ object, addon }) => `${object} is in the app’s manifests, and the add-on ${addon} makes one too`).join('; ')}. ` +
      `Leave the app’s own out of the folder that is previewed, or the add-on out of the settings (${addons.map((addon) => `addons.${addon}`).join(', ')})`,
  )
}

const addonOf = ({ metadata }: Manifest): string => textOf(objectOf(metadata.labels)[ADDON_LABEL])
