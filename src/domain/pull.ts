/** Why a preview has no right to exist any more: the pull request itself answered so, or its app is not configured. */
export type Ended = 'closed' | 'merged' | 'unlabelled' | 'gone' | 'unconfigured'

/** Why a preview was removed: it has ended, or a person had brought it back and its time is over. */
export type RemovalReason = Ended | 'expired'

/** A pull request as read from GitHub just now. */
export interface Pull {
  /** `name` is `owner/name`. */
  readonly repository: { readonly id: number; readonly name: string }
  readonly number: number
  readonly url: string
  readonly branch: string
  readonly author: string
  /** Head commit, 40 hex digits; '' only where `ended` is 'gone' */
  readonly head: string
  readonly isFork: boolean
  readonly ended: Ended | null
}

/** A pull request as a list shows it: enough to know whether its key needs a look. */
export interface PullSummary {
  readonly repository: { readonly id: number; readonly name: string }
  readonly number: number
  readonly head: string
  readonly isOpen: boolean
  readonly isLabelled: boolean
  /** GitHub's updated_at, milliseconds since 1970 */
  readonly updatedAtMs: number
}
