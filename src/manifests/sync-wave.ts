import { textOf } from './json.ts'
import { annotationsOf, type Manifest } from './manifest.ts'

export const SYNC_WAVE = 'argocd.argoproj.io/sync-wave'
const HOOK_WEIGHT = 'helm.sh/hook-weight'

/** The wave in which Argo CD applies the object (Argo CD: Sync Phases and Waves; a Helm hook's weight is its wave). */
export function waveOf(manifest: Manifest): number {
  const annotations = annotationsOf(manifest)
  const wave = Number.parseInt(textOf(annotations[SYNC_WAVE]) || textOf(annotations[HOOK_WEIGHT]), 10)
  return Number.isSafeInteger(wave) ? wave : 0
}
