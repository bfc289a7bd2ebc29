import { describe, expect, it } from 'vitest'
import { stripDeletionBlockers } from '../../src/manifests/strip-deletion-blockers.ts'
import { manifestsOf, targetOf } from './sample.ts'

const stripped = (yaml: string) => stripDeletionBlockers(manifestsOf(yaml), targetOf())
const hook = (annotations: object) =>
  JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'hook', annotations } })

describe('what would keep a preview from going away', () => {
  it('is taken from objects, and what only a server writes with it', () => {
    expect(
      stripped(`
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
  finalizers: [service.kubernetes.io/load-balancer-cleanup]
  ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: u}]
  creationTimestamp: null
  deletionTimestamp: null
  generation: 3
  managedFields: []
  resourceVersion: "12"
  selfLink: /api
  uid: 1234
spec: {ports: [{port: 80}]}
status: {loadBalancer: {}}
`),
    ).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', labels: { app: 'web' } },
        spec: { ports: [{ port: 80 }] },
      },
    ])
  })

  it('is taken from what pods and claims are made from', () => {
    const [statefulSet, cronJob] = stripped(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    metadata: {labels: {app: db}, finalizers: [a/b], creationTimestamp: null}
    spec: {containers: []}
  volumeClaimTemplates:
  - metadata: {name: data, finalizers: [a/b]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy}
spec:
  jobTemplate:
    metadata: {finalizers: [a/b]}
    spec: {template: {metadata: {finalizers: [a/b]}}}
`)
    expect(statefulSet?.spec).toEqual({
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    })
    expect(cronJob?.spec).toEqual({ jobTemplate: { metadata: {}, spec: { template: { metadata: {} } } } })
  })

  it('is left out where it is nothing but a hook of the deletion', () => {
    const hooks = [
      { 'argocd.argoproj.io/hook': 'PreDelete' },
      { 'argocd.argoproj.io/hook': 'PreDelete, PostDelete' },
      { 'helm.sh/hook': 'pre-delete' },
      { 'helm.sh/hook': 'pre-delete,post-delete', 'helm.sh/hook-weight': '1' },
    ]
    for (const annotations of hooks) expect(stripped(hook(annotations))).toEqual([])
  })

  it.each([
    [{ 'argocd.argoproj.io/hook': 'PostSync,PostDelete' }, { 'argocd.argoproj.io/hook': 'PostSync' }],
    [{ 'helm.sh/hook': 'post-install,post-delete' }, { 'helm.sh/hook': 'post-install' }],
    [{ 'argocd.argoproj.io/hook': 'PreSync' }, { 'argocd.argoproj.io/hook': 'PreSync' }],
    [
      { 'argocd.argoproj.io/sync-options': 'Prune=false,Replace=true' },
      { 'argocd.argoproj.io/sync-options': 'Replace=true' },
    ],
    [{ 'argocd.argoproj.io/sync-options': 'Delete=confirm', a: 'b' }, { a: 'b' }],
    [{ 'helm.sh/resource-policy': 'keep' }, {}],
  ])('leaves the rest: %j becomes %j', (annotations, left) => {
    expect(stripped(hook(annotations))[0]?.metadata.annotations).toEqual(left)
  })
})
