/** When Argo CD is asked to look at what was pushed, and when it is asked again. */
import type { Application } from '../domain/application.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import type { Clock, Nudge } from '../ports.ts'

export interface Nudges {
  /** A push brought or took the preview's folder, or changed it: Argo CD is asked to look. */
  pushed(key: PreviewKey, folder: string, application: Application | null): void
  /**
   * Argo CD has not seen what was pushed: it is asked again, if it is time to.
   * @param application what was pushed is for, null where the ApplicationSet has to see it first
   * @returns milliseconds until it is time again; Infinity where nobody is to be asked
   */
  unseen(key: PreviewKey, folder: string, application: Application | null): number
  /** Milliseconds since Argo CD was asked first of what is not over; null where it was not asked by this process. */
  askedForMs(key: PreviewKey): number | null
  /** It has, or nobody waits for it any more. */
  over(key: PreviewKey): void
}

const FIRST_WAIT_MS = 1_000
/** No longer apart than this, and so no rarer than Argo CD looks by itself. */
const LAST_WAIT_MS = 60_000

/**
 * A refresh can be lost to one that is under way (Argo CD takes its annotation off at the end, whenever it was put on),
 * so it is asked for again, after 1, 2, 4 … 60 s. What was asked is remembered in memory only: after a restart it is
 * asked for once more than needed.
 * @param nudge null where Argo CD is left to its own poll
 */
export function nudges(nudge: Nudge | null, clock: Clock): Nudges {
  const asked = new Map<string, { readonly times: number; readonly firstAtMs: number; readonly nextAtMs: number }>()

  function ask(to: Nudge, key: PreviewKey, folder: string, application: Application | null, times: number): number {
    const waitMs = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (times - 1))
    const nowMs = clock.now()
    const firstAtMs = times === 1 ? nowMs : (asked.get(keyText(key))?.firstAtMs ?? nowMs)
    asked.set(keyText(key), { times, firstAtMs, nextAtMs: nowMs + waitMs })
    // One that is being deleted is made anew by the ApplicationSet.
    if (application === null || application.isDeleting) to.applicationSet(folder)
    else to.application(application)
    return waitMs
  }

  return {
    pushed(key, folder, application) {
      if (nudge !== null) ask(nudge, key, folder, application, 1)
    },
    unseen(key, folder, application) {
      if (nudge === null) return Number.POSITIVE_INFINITY
      const last = asked.get(keyText(key))
      const inMs = (last?.nextAtMs ?? 0) - clock.now()
      return inMs > 0 ? inMs : ask(nudge, key, folder, application, (last?.times ?? 0) + 1)
    },
    askedForMs(key) {
      const firstAtMs = asked.get(keyText(key))?.firstAtMs
      return firstAtMs === undefined ? null : clock.now() - firstAtMs
    },
    over(key) {
      asked.delete(keyText(key))
    },
  }
}
