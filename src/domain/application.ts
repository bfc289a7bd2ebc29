/** What WeStage reads of an Argo CD Application (argoproj.io/v1alpha1, `status` as its Go types name it). */
export interface Application {
  readonly name: string
  /** The preview's folder: `spec.source.path` without `/manifests`. */
  readonly folder: string
  /** `metadata.deletionTimestamp` is set. */
  readonly isDeleting: boolean
  /** `revision` is '' before the first comparison. */
  readonly sync: { readonly status: string; readonly revision: string }
  /** `sinceMs`: when it turned into what it is. */
  readonly health: { readonly status: string; readonly message: string; readonly sinceMs: number | null }
  /** `operation` is set or `operationState.phase` is Running or Terminating. */
  readonly isOperating: boolean
  /** The last operation, from `status.operationState`. */
  readonly operation: {
    readonly phase: string
    readonly message: string
    readonly revision: string
    readonly startedAtMs: number | null
    readonly finishedAtMs: number | null
    /** What the sync said of single objects, from `syncResult.resources`. */
    readonly results: readonly { readonly object: string; readonly status: string; readonly message: string }[]
  } | null
  readonly reconciledAtMs: number | null
  readonly conditions: readonly { readonly type: string; readonly message: string; readonly sinceMs: number | null }[]
  /** Objects that are not Healthy, `Kind/name`. */
  readonly unhealthy: readonly { readonly object: string; readonly status: string; readonly message: string }[]
}
