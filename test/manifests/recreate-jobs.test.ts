import { expect, it } from 'vitest'
import { recreateJobs } from '../../src/manifests/recreate-jobs.ts'
import { manifestsOf, targetOf } from './sample.ts'

it.each([
  ['batch/v1', 'Job', {}, { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' }],
  ['v1', 'Pod', {}, { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' }],
  [
    'batch/v1',
    'Job',
    { 'argocd.argoproj.io/sync-options': 'Validate=false, Replace=false' },
    { 'argocd.argoproj.io/sync-options': 'Validate=false,Force=true,Replace=true' },
  ],
  ['batch/v1', 'Job', { 'argocd.argoproj.io/hook': 'Sync' }, { 'argocd.argoproj.io/hook': 'Sync' }],
  ['batch/v1', 'CronJob', { a: 'b' }, { a: 'b' }],
  ['apps/v1', 'Deployment', { a: 'b' }, { a: 'b' }],
])('has what Kubernetes can’t change made anew: %s %s %j', (apiVersion, kind, annotations, expected) => {
  const manifests = manifestsOf(JSON.stringify({ apiVersion, kind, metadata: { name: 'x', annotations } }))
  expect(recreateJobs(manifests, targetOf())[0]?.metadata.annotations).toEqual(expected)
})
