/** Resource trees as argocd-server shows them, in the words of the domain. */
import type { ResourceNode } from '../../src/domain/resource-tree.ts'

export const at = (time: string): number => Date.parse(`2026-03-01T${time}Z`)

export const node = (kind: string, name: string, change: Partial<ResourceNode> = {}): ResourceNode => ({
  uid: `uid of ${kind}/${name}`,
  kind,
  namespace: 'westage-shop-feat',
  name,
  owners: [],
  createdAtMs: at('12:00:00'),
  health: { status: 'Progressing', message: '' },
  revision: 0,
  pod: null,
  ...change,
})

export const pod = (
  name: string,
  state: string,
  restarts: number,
  { owners, createdAtMs = at('12:00:05'), health }: Partial<ResourceNode> = {},
): ResourceNode =>
  node('Pod', name, {
    owners: owners ?? ['uid of ReplicaSet/web-new'],
    createdAtMs,
    health: health ?? { status: 'Degraded', message: '' },
    pod: { state, restarts },
  })

export const replicaSet = (name: string, revision: number, change: Partial<ResourceNode> = {}): ResourceNode =>
  node('ReplicaSet', name, { owners: ['uid of Deployment/web'], revision, createdAtMs: at('12:00:05'), ...change })

export const deployment = node('Deployment', 'web', {
  health: { status: 'Progressing', message: 'Waiting for rollout to finish: 0 of 1 updated replicas are available...' },
})
