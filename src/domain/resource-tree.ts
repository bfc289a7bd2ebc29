/** One object of an Application's resource tree (Argo CD: ApplicationTree), with what Argo CD says of it. */
export interface ResourceNode {
  /** '' where the object is not in the cluster. */
  readonly uid: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** The uids of what brought it about. */
  readonly owners: readonly string[]
  readonly createdAtMs: number | null
  /** `status` is '' where Argo CD has no rule for the kind. */
  readonly health: { readonly status: string; readonly message: string }
  /** The rollout's number that a ReplicaSet belongs to, 0 for what has none. */
  readonly revision: number
  /** A pod's state as `kubectl get pods` shows it (`CrashLoopBackOff`, `Init:0/1`), null for anything else. */
  readonly pod: { readonly state: string; readonly restarts: number } | null
}

/** A Kubernetes Event of one object. */
export interface ResourceEvent {
  readonly isWarning: boolean
  readonly reason: string
  readonly message: string
  readonly count: number
  /** The container that it is about, '' for the whole object. */
  readonly container: string
}

export const nameOfNode = ({ kind, name }: ResourceNode): string => `${kind}/${name}`
