/** What a branch needs of its server, whatever the protocol. */

export interface Transport {
  /** The commit that the branch is at, asked afresh; null where the server has no such branch. */
  tip(signal: AbortSignal): Promise<string | null>
  /** @throws {NotOnServer} the server has no such object, or not for everybody */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<Fetched>
  /** Moves the branch from one commit to another if, and only if, it is still at the first: never forced. */
  push(update: BranchUpdate, signal: AbortSignal): Promise<PushOutcome>
  close(): void
}

/** What may be left out of an answer, where the server can do that; it may send more. */
type Filter =
  | 'nothing'
  /** Trees from this level on, and all files: 0 leaves commits alone (git documentation, git-rev-list: `--filter=tree`). */
  | { readonly treesFrom: number }

export interface FetchRequest {
  /** Commits, or any objects where the server is asked for single ones. */
  readonly wants: readonly string[]
  /** How many commits of history; null where no commits are wanted. */
  readonly depth: number | null
  /** A commit that is here with what was not filtered out, and without its parents; null where nothing is. */
  readonly have: string | null
  readonly leaveOut: Filter
}

export interface Fetched {
  readonly pack: Buffer
}

export interface BranchUpdate {
  readonly from: string
  readonly to: string
  readonly pack: Buffer
}

export type PushOutcome =
  | { readonly kind: 'applied' }
  /** The server did not move the branch: a race was lost, a hook said no, the branch is protected. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly words: readonly string[] }
  /** It may have moved the branch or not: look. */
  | { readonly kind: 'unknown'; readonly cause: unknown }

export class NotOnServer extends Error {
  override readonly name = 'NotOnServer'
}
