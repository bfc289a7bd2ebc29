import { type Json, textOf } from './json.ts'
import { annotationsOf, type Manifest, withAnnotations } from './manifest.ts'
import { SYNC_WAVE, waveOf } from './sync-wave.ts'
import type { Transform } from './transform.ts'

const HOOK = 'argocd.argoproj.io/hook'
const HELM_HOOK = 'helm.sh/hook'
/** Argo CD: Helm, Helm Hooks. These two run as PreSync. */
const HELM_PRESYNC = ['pre-install', 'pre-upgrade']

/**
 * Argo CD runs PreSync hooks before it applies anything, and so before the preview's Namespace is there. They become
 * Sync hooks, in waves of their old order before the waves of everything else.
 */
export const postponePreSyncHooks: Transform = (manifests) => {
  const early = manifests.filter(isPreSync)
  const first = Math.min(0, ...manifests.filter((manifest) => !isPreSync(manifest)).map(waveOf))
  const shift = first - 1 - Math.max(...early.map(waveOf))
  return manifests.map((manifest) =>
    isPreSync(manifest)
      ? withAnnotations(manifest, {
          ...annotationsOf(manifest),
          [HOOK]: [...new Set(phasesOf(manifest).map((phase) => (phase === 'PreSync' ? 'Sync' : phase)))].join(','),
          [SYNC_WAVE]: String(waveOf(manifest) + shift),
        })
      : manifest,
  )
}

const isPreSync = (manifest: Manifest): boolean => phasesOf(manifest).includes('PreSync')

/** Argo CD's own annotation hides Helm's. */
function phasesOf(manifest: Manifest): readonly string[] {
  const { [HOOK]: own, [HELM_HOOK]: helm } = annotationsOf(manifest)
  if (own !== undefined) return itemsOf(own)
  return itemsOf(helm).some((hook) => HELM_PRESYNC.includes(hook)) ? ['PreSync'] : []
}

const itemsOf = (annotation: Json | undefined): readonly string[] =>
  textOf(annotation)
    .split(',')
    .map((item) => item.trim())
