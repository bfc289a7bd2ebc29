/**
 * Plan: what to do next about one preview. No I/O, no clock: the same `Observed` gives the same `Action`, and what a
 * decision needs, observe has put there. The order of the lines is the policy: the first that holds wins.
 */
import type { Application } from './application.ts'
import { isAnother, isHoldTold, isOursSince } from './by-hand.ts'
import type { Folder, FolderTouch } from './folder.ts'
import type { Ended, Pull, RemovalReason } from './pull.ts'
import type { Told } from './report.ts'

export interface Observed {
  readonly pull: Pull
  /** What the pull request was told at its head. */
  readonly told: Told
  readonly folder: Folder
  readonly application: Application | null
  /** The repo that holds the app's name, where it is another one. */
  readonly holder: string | null
  /**
   * The pull request changes nothing of the app, so that it gets no preview. 'unsaid': no preview of another app of the
   * repo has a Check that could say so.
   */
  readonly leftOut: 'said' | 'unsaid' | null
  /** Who made the folder what it is, where it is not what the pull request was told; null where that is not known. */
  readonly change: FolderTouch | null
  /** Why this process removed the folder, where the pull request has not been told so yet. */
  readonly removed: RemovalReason | null
  /** When this was observed. */
  readonly atMs: number
}

export type Action =
  /** Make the folder what the head renders to. */
  | { readonly kind: 'deploy' }
  /** The folder is at the head: wait until Argo CD and the hosts say that it is live, or that it failed. */
  | { readonly kind: 'watch' }
  /** A person brought it back after its removal: watch it, and say until when it is kept; null: that starts now. */
  | { readonly kind: 'keep'; readonly because: Ended; readonly untilMs: number | null }
  | { readonly kind: 'remove'; readonly because: RemovalReason }
  /** The folder is gone: wait until the Application is too, then say so. */
  | { readonly kind: 'retire'; readonly because: RemovalReason }
  /** A person changed the folder: leave it alone. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'refuse'; readonly reason: string }
  /** It gets no preview, and another app's Check says so. */
  | { readonly kind: 'skip' }
  | { readonly kind: 'nothing' }

const NOTHING: Action = { kind: 'nothing' }
const HOLD: Action = { kind: 'hold' }

export function plan(seen: Observed): Action {
  const { pull, told, folder, holder, leftOut } = seen
  if (pull.ended !== null) return planEnd(pull.ended, seen)
  if (leftOut === 'said' || (leftOut === 'unsaid' && told.state === 'refused')) return { kind: 'skip' }
  if (leftOut === 'unsaid') return { kind: 'refuse', reason: 'This pull request changes no app of this repo.' }
  const refusal = refusalOf(pull, holder)
  if (refusal !== null) return told.state === 'refused' ? NOTHING : { kind: 'refuse', reason: refusal }
  if (isRedone(told)) return { kind: 'deploy' }
  if (isTakenBack(seen)) return HOLD
  // What failed before it was committed can't recover in the cluster: what is there is older, though of the same head.
  if (told.state === 'failed' && told.committed === null) return NOTHING
  if (folder.preview?.sha !== pull.head) return told.state === 'failed' ? NOTHING : { kind: 'deploy' }
  // What operators put into every preview of the app is another by now: the same revision once more.
  if (folder.preview.common !== folder.common) return { kind: 'deploy' }
  const isTold = told.state === 'live' && told.keptUntilMs === null && !isAnother(told, folder)
  return isTold ? NOTHING : { kind: 'watch' }
}

/** Somebody asked for this revision again, and it has not been committed again yet. */
export const isRedone = (told: Told): boolean => told.isAskedAgain || told.state === 'redoing'

/** Whether the pull request waits to hear how it goes on: what is settled, or said, is not unsaid by trouble with a look. */
export function isAwaited(seen: Observed): boolean {
  const { kind } = plan(seen)
  return kind === 'deploy' || (kind === 'watch' && seen.told.state !== 'failed')
}

/** A folder that is back after its removal is a person's doing, and kept for a while; any other goes. */
function planEnd(because: Ended, { told, folder, removed, atMs }: Observed): Action {
  const isExpired = told.keptUntilMs !== null && atMs >= told.keptUntilMs
  if (folder.tree === null) {
    return isOver(told) ? NOTHING : { kind: 'retire', because: removed ?? (isExpired ? 'expired' : because) }
  }
  if (removed !== null || told.state === 'removed') return { kind: 'keep', because, untilMs: null }
  if (told.keptUntilMs === null) return { kind: 'remove', because }
  return isExpired ? { kind: 'remove', because: 'expired' } : { kind: 'keep', because, untilMs: told.keptUntilMs }
}

/** Nothing that the pull request shows speaks of a preview that is there. */
const isOver = ({ state }: Told): boolean => state === 'none' || state === 'removed' || state === 'refused'

/**
 * The folder is not what WeStage wrote for this revision, and not what it wrote since for another: whatever the history
 * looks like (a revert, an edit, a merge, a reset), people want it so. Once it is what was written again, that is over.
 */
function isTakenBack({ told, folder, change }: Observed): boolean {
  if (told.committed === null) return told.state === 'held'
  if (!isAnother(told, folder)) return false
  return isHoldTold(told, folder) || !isOursSince(change, told.committed)
}

function refusalOf(pull: Pull, holder: string | null): string | null {
  if (pull.isFork) return 'This pull request comes from a fork, and WeStage does not run the code of forks.'
  if (holder !== null) return `The app's name is held by ${holder}: give this repo's app another name in westage.yaml.`
  return null
}
