/**
 * Plan: what to do next about one preview. No I/O, no clock: the same `Observed` gives the same `Action`, and what a
 * decision needs, observe has put there. The order of the lines is the policy: the first that holds wins.
 */
import type { Application } from './application.ts'
import type { Folder } from './folder.ts'
import type { Ended, Pull } from './pull.ts'
import type { Told } from './report.ts'

export interface Observed {
  readonly pull: Pull
  /** What the pull request was told at its head. */
  readonly told: Told
  readonly folder: Folder
  readonly application: Application | null
  /** The repo that holds the app's name, where it is another one. */
  readonly holder: string | null
}

export type Action =
  /** Make the folder what the head renders to. */
  | { readonly kind: 'deploy' }
  /** The folder is at the head: wait until Argo CD and the hosts say that it is live, or that it failed. */
  | { readonly kind: 'watch' }
  | { readonly kind: 'remove'; readonly because: Ended }
  /** The folder is gone: wait until the Application is too, then say so. */
  | { readonly kind: 'retire'; readonly because: Ended }
  /** A person changed the folder: leave it alone. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'nothing' }

const NOTHING: Action = { kind: 'nothing' }
const HOLD: Action = { kind: 'hold' }

export function plan(seen: Observed): Action {
  const { pull, told, folder, holder } = seen
  if (pull.ended !== null) return planEnd(pull.ended, seen)
  const refusal = refusalOf(pull, holder)
  if (refusal !== null) return told.state === 'refused' ? NOTHING : { kind: 'refuse', reason: refusal }
  if (isRedone(told)) return { kind: 'deploy' }
  if (told.state === 'held' || isTakenBack(told, folder)) return HOLD
  // What failed before it was committed can't recover in the cluster: what is there is older, though of the same head.
  if (told.state === 'failed' && told.committed === null) return NOTHING
  if (folder.preview?.sha !== pull.head) return told.state === 'failed' ? NOTHING : { kind: 'deploy' }
  // What operators put into every preview of the app is another by now: the same revision once more.
  if (folder.preview.common !== folder.common) return { kind: 'deploy' }
  return told.state === 'live' ? NOTHING : { kind: 'watch' }
}

/** Somebody asked for this revision again, and it has not been committed again yet. */
export const isRedone = (told: Told): boolean => told.isAskedAgain || told.state === 'redoing'

/** Whether the pull request waits to hear how it goes on: what is settled, or said, is not unsaid by trouble with a look. */
export function isAwaited(seen: Observed): boolean {
  const { kind } = plan(seen)
  return kind === 'deploy' || (kind === 'watch' && seen.told.state !== 'failed')
}

/** A folder that a person put back after its removal was told is theirs; any other goes with its pull request. */
function planEnd(because: Ended, { told, folder }: Observed): Action {
  if (folder.tree !== null) {
    return told.state === 'removed' && folder.touchedBy === 'person' ? NOTHING : { kind: 'remove', because }
  }
  return isOver(told) ? NOTHING : { kind: 'retire', because }
}

/** Nothing that the pull request shows speaks of a preview that is there. */
const isOver = ({ state }: Told): boolean => state === 'none' || state === 'removed' || state === 'refused'

/** This revision was committed before, and a person's commit is the last one that touched the folder: a revert, an edit. */
const isTakenBack = (told: Told, folder: Folder): boolean => told.committed !== null && folder.touchedBy === 'person'

function refusalOf(pull: Pull, holder: string | null): string | null {
  if (pull.isFork) return 'This pull request comes from a fork, and WeStage does not run the code of forks.'
  if (holder !== null) return `The app's name is held by ${holder}: give this repo's app another name in westage.yaml.`
  return null
}
