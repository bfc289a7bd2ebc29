import type { PreviewKey } from '../domain/key.ts'
import type { Observed } from '../domain/plan.ts'
import type { PreviewBranch } from '../ports.ts'
import type { Nudges } from './nudges.ts'
import { placeOf } from './place.ts'

/** By then Argo CD has looked by itself: it polls every 3 minutes unless told otherwise. */
const ASKED_MAX_MS = 180_000

/**
 * Has Argo CD take up what people made of a preview that is held, as it does what WeStage pushes: the git host's own
 * webhook to Argo CD may not be there, and what it asks for can be lost.
 * @param isNew whether the hold is of now; an older one is gone on with where this process has asked for it
 * @returns milliseconds until it is looked at again; Infinity where it has been taken up, or is left to Argo CD's poll
 */
export async function takeUp(
  key: PreviewKey,
  { folder, application }: Pick<Observed, 'folder' | 'application'>,
  isNew: boolean,
  { branch, nudges }: { readonly branch: Pick<PreviewBranch, 'isAt'>; readonly nudges: Nudges },
  signal: AbortSignal,
): Promise<number> {
  if (isNew) nudges.over(key)
  else if (nudges.askedForMs(key) === null) return Number.POSITIVE_INFINITY
  const isGoing = application === null || application.isDeleting
  const isSeen =
    folder.tree === null ? isGoing : !isGoing && (await placeOf(application, folder, branch, signal)).syncedHere
  if (!isSeen && (nudges.askedForMs(key) ?? 0) < ASKED_MAX_MS) {
    return nudges.unseen(key, folder.path, folder.tree === null ? null : application)
  }
  nudges.over(key)
  return Number.POSITIVE_INFINITY
}
