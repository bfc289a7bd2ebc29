import type { Whose } from './errors.ts'
import type { Ended } from './pull.ts'
import type { Step } from './step.ts'

/**
 * Where a preview stands at one revision; the one thing that everything a pull request is shown follows from.
 * `isRedone`: somebody asked for this revision again, and it has not been committed again yet.
 */
export type Status =
  | { readonly kind: 'queued'; readonly isRedone?: boolean }
  | { readonly kind: 'preparing'; readonly isRedone?: boolean }
  /** Nothing is wrong: what it needs is not there yet, such as the image that CI pushes. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly isRedone?: boolean }
  | {
      readonly kind: 'retrying'
      readonly step: Step | null
      readonly reason: string
      readonly afterMs: number
      readonly isRedone?: boolean
      /** Set where the revision reached the GitOps repo before: that is not forgotten by trouble with looking at it. */
      readonly committed: { readonly commit: string; readonly committedAtMs: number } | null
    }
  | {
      readonly kind: 'syncing'
      readonly commit: string
      readonly committedAtMs: number
      readonly waitingFor: 'Argo CD' | 'its hosts to answer'
    }
  | { readonly kind: 'live'; readonly commit: string; readonly committedAtMs: number }
  | {
      readonly kind: 'failed'
      readonly step: Step
      readonly reason: string
      readonly whose: Whose
      /** The last lines of the log, already redacted. */
      readonly tail: readonly string[]
      /** Set where the revision reached the GitOps repo before it failed. */
      readonly committed: { readonly commit: string; readonly committedAtMs: number } | null
      /** An older revision that is still up. */
      readonly lastGood: { readonly sha: string; readonly url: string } | null
    }
  | { readonly kind: 'superseded'; readonly by: string }
  | { readonly kind: 'held'; readonly commit: string; readonly committedAtMs: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'removed'; readonly because: Ended }
