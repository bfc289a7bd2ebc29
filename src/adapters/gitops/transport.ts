/**
 * What the branch needs of a git server. A port of its own, so that how objects travel can change without the rest.
 * Every method throws `Terminal` (operator) where access is refused, and a plain error where the server can't be
 * reached or does not make sense.
 */
export interface Transport {
  /** The commit that the branch is at, asked afresh; null where the server has no such branch. */
  tip(signal: AbortSignal): Promise<string | null>
  /** @throws {NotOnServer} the server has no such commit */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<Fetched>
  /** Moves the branch from one commit to another if, and only if, it is still at the first: never forced. */
  push(update: BranchUpdate, signal: AbortSignal): Promise<PushOutcome>
  close(): void
}

export interface FetchRequest {
  readonly want: string
  /** How many commits of its history. */
  readonly depth: number
  /** A commit that is here with its history up to `shallow`; null where nothing is. */
  readonly have: string | null
  /** Commits that are here without their parents. */
  readonly shallow: readonly string[]
}

export interface Fetched {
  /** Without deltas to objects outside of it. */
  readonly pack: Buffer
  /** Commits that came without their parents. */
  readonly shallow: readonly string[]
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
