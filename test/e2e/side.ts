/** What an end-to-end test needs of Argo CD and a cluster, whether they are real or stood in for. */

import type { Cluster } from '../cluster/cluster-handle.ts'
import type { ArgoCdSide } from '../servers/instance.ts'

export interface E2eSide extends ArgoCdSide {
  readonly name: string
  /** Whether the images of pull requests run, are played, or only the objects are there. */
  readonly podsAre: 'real' | 'played' | 'none'
  /** null where the parts can't be stopped one by one. */
  readonly cluster: Cluster | null
  /** The Applications' names. */
  applications(): Promise<readonly string[]>
  /** The previews' namespaces. */
  namespaces(): Promise<readonly string[]>
  /** How many objects of each kind there are where previews run, `Kind.group`; what keeps changing by itself left out. */
  counts(): Promise<Readonly<Record<string, number>>>
  /** GETs a path of argocd-server's REST API as an administrator; null where there is none. */
  readonly ask: ((path: string) => Promise<unknown>) | null
  /** The administrator's kubeconfig of the cluster that previews run in; null where that is stood in for. */
  readonly adminKubeconfig: string | null
}
