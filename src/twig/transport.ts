/** What a branch needs of its server, whatever the protocol. */
import type { DeltaBases } from './pack.ts'

export interface Transport {
  /** The commit that the branch is at, asked afresh; null where the server has no such branch. */
  tip(signal: AbortSignal): Promise<string | null>
  /** What may be asked for, as far as the server is known by now. */
  gives(): Gives
  /** @throws {NotOnServer} the server has no such object, or not for everybody */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<Fetched>
  /** Moves the branch from one commit to another if, and only if, it is still at the first: never forced. */
  push(update: BranchUpdate, signal: AbortSignal): Promise<PushOutcome>
  close(): void
}

type Gives =
  | 'any object'
  /** Nothing by itself but what branches and tags are at, whole: what is not kept can't be had again. */
  | 'tips alone'

/** What may be left out of an answer, where the server can do that; it may send more. */
export type Filter =
  | 'nothing'
  /** Trees from this level on, and all files: 0 leaves commits alone (git documentation, git-rev-list: `--filter=tree`). */
  | { readonly treesFrom: number }

/** A commit that is here with what was not filtered out. */
export interface Have {
  readonly commit: string
  /**
   * Whether what its history has is taken for known as well, though it is not here: what came after it then costs the
   * server little to find, and where it turns out that something is missing it is asked for by its id. A server of
   * version 0 is not told so.
   */
  readonly standsFor: 'itself' | 'its history'
}

export interface FetchRequest {
  /** Commits, or any objects where the server is asked for single ones. */
  readonly wants: readonly string[]
  /** How many commits of history; null where no commits are wanted. */
  readonly depth: number | null
  /** What is here already; null where nothing is. */
  readonly have: Have | null
  readonly leaveOut: Filter
}

export interface Fetched {
  /** Good until it is released. */
  readonly pack: Buffer
  release(): void
}

export interface BranchUpdate {
  readonly from: string
  readonly to: string
  /** The objects, with deltas whose bases may be on the server only, or not. */
  pack(bases: DeltaBases): Buffer
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
