import { describe, expect, it } from 'vitest'
import { moveToNamespace } from '../../src/manifests/move-to-namespace.ts'
import { postponePreSyncHooks } from '../../src/manifests/postpone-presync-hooks.ts'
import { manifestsOf, targetOf } from './sample.ts'

const job = (name: string, annotations: object) =>
  JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, annotations } })
const annotated = (...jobs: readonly string[]) =>
  postponePreSyncHooks(manifestsOf(jobs.join('\n---\n')), targetOf()).map(({ metadata }) => metadata.annotations)

describe('a hook before the sync', () => {
  it('runs in the sync, in its old order, before all else and after the namespace', () => {
    const jobs = [
      job('app', {}),
      job('early', { 'argocd.argoproj.io/sync-wave': '-3' }),
      job('first', { 'argocd.argoproj.io/hook': 'PreSync', 'argocd.argoproj.io/sync-wave': '-1' }),
      job('second', { 'argocd.argoproj.io/hook': 'PreSync,PostSync' }),
      job('helm', { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': '5' }),
    ]
    const waves = annotated(...jobs)
    expect(waves).toEqual([
      {},
      { 'argocd.argoproj.io/sync-wave': '-3' },
      { 'argocd.argoproj.io/hook': 'Sync', 'argocd.argoproj.io/sync-wave': '-10' },
      { 'argocd.argoproj.io/hook': 'Sync,PostSync', 'argocd.argoproj.io/sync-wave': '-9' },
      {
        'helm.sh/hook': 'pre-install,pre-upgrade',
        'helm.sh/hook-weight': '5',
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/sync-wave': '-4',
      },
    ])
    const [namespace] = moveToNamespace(postponePreSyncHooks(manifestsOf(jobs.join('\n---\n')), targetOf()), targetOf())
    expect(namespace?.metadata.annotations).toEqual({ 'argocd.argoproj.io/sync-wave': '-100' })
  })

  it('is the only one that changes', () => {
    const others = [
      { 'argocd.argoproj.io/hook': 'PostSync' },
      { 'helm.sh/hook': 'post-install' },
      { 'argocd.argoproj.io/hook': 'Sync' },
    ]
    expect(annotated(...others.map((one, at) => job(`j${at}`, one)))).toEqual(others)
  })
})
