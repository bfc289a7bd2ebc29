import { describe, expect, it } from 'vitest'
import { stripArgoCdAnnotations } from '../../src/manifests/strip-argocd-annotations.ts'
import { changed, only } from './only.ts'

const A = 'argocd.argoproj.io/'
const withAnnotation = (name: string, value = 'x') =>
  only('v1', 'ConfigMap', { metadata: { annotations: { [name]: value, note: 'kept' }, labels: { app: 'shop' } } })

describe('what an app tells the Argo CD of its long-lived place', () => {
  it.each([
    [`${A}compare-options`, 'IgnoreExtraneous'],
    [`${A}sync-options`, 'Prune=false'],
    [`${A}sync-options`, 'SkipDryRunOnMissingResource=true,Delete=false'],
    [`${A}tracking-id`, 'shop:/ConfigMap:shop/x'],
    [`${A}manifest-generate-paths`, '.'],
    [`${A}ignore-healthcheck`, 'true'],
    [`${A}skip-reconcile`, 'true'],
    [`${A}refresh`, 'hard'],
    [`${A}new-in-some-later-version`, ''],
  ])('goes: %s=%s', (name, value) => {
    const { metadata } = changed(stripArgoCdAnnotations, withAnnotation(name, value))
    expect(metadata).toEqual({ name: 'x', annotations: { note: 'kept' }, labels: { app: 'shop' } })
  })

  it('goes from labels, and leaves no empty list of them', () => {
    const labels = { [`${A}instance`]: 'shop', [`${A}secret-type`]: 'cluster' }
    expect(changed(stripArgoCdAnnotations, only('v1', 'Secret', { metadata: { labels } })).metadata).toEqual({
      name: 'x',
    })
  })

  it.each([
    [`${A}sync-wave`, '2'],
    [`${A}hook`, 'PostSync'],
    [`${A}hook-delete-policy`, 'HookSucceeded'],
    ['helm.sh/hook', 'post-install'],
    ['link.argocd.argoproj.io/external-link', 'https://grafana.test'],
    ['notifications.argoproj.io/subscribe', 'x'],
  ])('does not include when it is applied, or what is no option: %s', (name, value) => {
    const manifest = withAnnotation(name, value)
    expect(changed(stripArgoCdAnnotations, manifest)).toBe(manifest)
  })
})
