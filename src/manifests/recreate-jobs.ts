import { textOf } from './json.ts'
import { annotationsOf, groupKindOf, type Manifest, withAnnotations } from './manifest.ts'
import type { Transform } from './transform.ts'

/** Argo CD: Sync Options, Replace and Force. Hooks are made anew for each sync without being asked. */
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'
const HOOKS = ['argocd.argoproj.io/hook', 'helm.sh/hook']

/**
 * The pod template of a Job and the containers of a Pod can't be changed (Kubernetes: Jobs, Pods), and every revision
 * changes theirs: the image, WESTAGE_SHA. So that a push does not fail on them, Argo CD is told to make them anew.
 */
export const recreateJobs: Transform = (manifests) =>
  manifests.map((manifest) => {
    if (!['Job.batch', 'Pod'].includes(groupKindOf(manifest)) || isHook(manifest)) return manifest
    const annotations = annotationsOf(manifest)
    const options = textOf(annotations[SYNC_OPTIONS])
      .split(',')
      .map((option) => option.trim())
      .filter((option) => option !== '' && !/^(Force|Replace|ServerSideApply)=/.test(option))
    return withAnnotations(manifest, {
      ...annotations,
      [SYNC_OPTIONS]: [...options, 'Force=true', 'Replace=true'].join(','),
    })
  })

const isHook = (manifest: Manifest): boolean => HOOKS.some((hook) => annotationsOf(manifest)[hook] !== undefined)
