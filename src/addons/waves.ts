import { groupKindOf, type Manifest } from '../manifests/manifest.ts'
import { waveOf } from '../manifests/sync-wave.ts'

/** Argo CD: Sync Phases and Waves. The next wave begins when everything of the one before is healthy. */
interface Waves {
  readonly addons: number
  /** Of the app's Jobs that fill the add-ons. */
  readonly seeds: number
}

/** The two waves before the app's first, so that a database is there for a migration that is early itself. */
export function wavesBefore(manifests: readonly Manifest[]): Waves {
  const own = manifests.filter((manifest) => groupKindOf(manifest) !== 'Namespace').map(waveOf)
  const first = Math.min(0, ...own)
  return { addons: first - 2, seeds: first - 1 }
}
