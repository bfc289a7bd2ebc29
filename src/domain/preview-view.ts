import type { PreviewKey } from './key.ts'
import type { Preview } from './preview.ts'
import type { Status } from './status.ts'

/** A preview as pages and the API show it. */
export interface PreviewView {
  readonly key: PreviewKey
  /** What its preview.yaml says; null before the first commit, and where it can't be read. */
  readonly preview: Preview | null
  /** `previews/<app>/pr-<number>` */
  readonly folder: string
  /** 'unknown' where nothing was observed yet, such as right after a start. */
  readonly state: Status['kind'] | 'unknown'
  /** What it waits for or why it failed, in one sentence; '' where there is nothing to say. */
  readonly reason: string
  /** When the revision was committed to the GitOps repo, milliseconds since 1970; null where that is not known. */
  readonly sinceMs: number | null
  /** The commit in the GitOps repo, '' where there is none yet. */
  readonly commit: string
  /** The pull request's page. */
  readonly pullUrl: string
}
