/** What people did to a preview's folder in the GitOps repo. */
import type { Folder, FolderTouch } from './folder.ts'
import { urlsOf } from './preview.ts'
import type { Ended } from './pull.ts'
import type { Told, Written } from './report.ts'

/** What is there of a preview that is held. */
export type Found =
  | { readonly kind: 'no folder' }
  | { readonly kind: 'unreadable'; readonly fault: string }
  /** Another revision than the head's, such as the one before after a revert. */
  | { readonly kind: 'another revision'; readonly sha: string; readonly urls: readonly string[] }
  | { readonly kind: 'edited'; readonly urls: readonly string[] }

/** A preview that a person brought back after it was removed. */
export interface BroughtBack {
  /** Why it had been removed. */
  readonly because: Ended
  readonly keptUntilMs: number
  /** Null where that is further back than is looked. */
  readonly change: FolderTouch | null
}

/** What there is in a folder that is not as it was written. */
export function foundIn({ tree, preview, fault }: Folder, head: string): Found {
  if (tree === null) return { kind: 'no folder' }
  if (preview === null) return { kind: 'unreadable', fault }
  const urls = urlsOf(preview)
  return preview.sha === head ? { kind: 'edited', urls } : { kind: 'another revision', sha: preview.sha, urls }
}

/**
 * Whether the folder is not as the pull request was told that WeStage wrote it, so that it takes a look at who did that.
 * What somebody asked for again is made anew whatever is there.
 */
export const isAnother = ({ committed }: Told, { tree }: Folder): boolean =>
  committed !== null && committed.tree !== tree

/** Whether a hold of this very folder was told already. */
export const isHoldTold = ({ state, heldAt }: Told, { tree }: Folder): boolean =>
  state === 'held' && heldAt !== null && heldAt.tree === tree

/**
 * WeStage itself wrote or removed the folder after `written`, for another head or because the pull request had ended for
 * a while. What it wrote earlier than that is back because the branch was reset. Git's times have whole seconds.
 */
export const isOursSince = (change: FolderTouch | null, { committedAtMs }: Written): boolean =>
  change !== null && change.by === 'westage' && change.atMs >= Math.floor(committedAtMs / 1000) * 1000
