import type { BroughtBack, Found } from './by-hand.ts'
import type { Whose } from './errors.ts'
import type { FolderTouch } from './folder.ts'
import type { RemovalReason } from './pull.ts'
import type { Written } from './report.ts'
import type { Step } from './step.ts'

/**
 * Where a preview stands at one revision; the one thing that everything a pull request is shown follows from.
 * `isRedone`: somebody asked for this revision again, and it has not been committed again yet. `back`: the pull request
 * has ended, and a person brought its preview back.
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
      readonly committed: Written | null
    }
  | (Written & {
      readonly kind: 'syncing'
      readonly waitingFor: 'Argo CD' | 'its hosts to answer'
      readonly back?: BroughtBack | null
    })
  | (Written & { readonly kind: 'live'; readonly back?: BroughtBack | null })
  | {
      readonly kind: 'failed'
      readonly step: Step
      readonly reason: string
      readonly whose: Whose
      /** The last lines of the log, already redacted. */
      readonly tail: readonly string[]
      /** Set where the revision reached the GitOps repo before it failed. */
      readonly committed: Written | null
      readonly back?: BroughtBack | null
      /** An older revision that is still up. */
      readonly lastGood: { readonly sha: string; readonly url: string } | null
    }
  | { readonly kind: 'superseded'; readonly by: string }
  /** `committed` is what WeStage wrote. */
  | {
      readonly kind: 'held'
      readonly committed: Written | null
      /** The folder's tree as it was found. */
      readonly tree: string | null
      readonly found: Found
      /** Null where that is further back than is looked. */
      readonly change: FolderTouch | null
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'removed'; readonly because: RemovalReason }
