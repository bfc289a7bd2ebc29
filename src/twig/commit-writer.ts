/** What writes a commit where a push does not: a host's own API, for one, which makes and signs the commit itself. */
import type { Tip } from './drafted-changes.ts'

/** A commit as what it changes. Paths are from the root. */
export interface NewCommit {
  /** The commit that the branch must still be at. */
  readonly onto: string
  /** What is new or changed. */
  readonly additions: ReadonlyMap<string, Buffer>
  /** Files that are there, and go. */
  readonly deletions: readonly string[]
  /** The whole message. */
  readonly message: string
}

export type WriteOutcome =
  | { readonly kind: 'applied'; readonly tip: Tip }
  /** The branch was at another commit. */
  | { readonly kind: 'moved' }
  /** It was refused for another reason. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly words: readonly string[] }
  /** It may have been made or not: look. */
  | { readonly kind: 'unknown'; readonly cause: unknown }

/**
 * Puts one commit on the branch if, and only if, it is still where the commit says.
 * @throws where nothing was written
 */
export type WriteCommit = (commit: NewCommit, signal: AbortSignal) => Promise<WriteOutcome>
