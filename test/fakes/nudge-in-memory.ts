import type { Clock, Nudge } from '../../src/ports.ts'
import type { ArgoCdInMemory } from './argocd-in-memory.ts'

/** Nudges of the Argo CD in memory, which can be lost on the way. */
export interface NudgeInMemory extends Nudge {
  /** So many of the next ones come to nothing. */
  lost: number
  /** When who was asked: `ApplicationSet` or the folder of an Application. */
  readonly asked: readonly { readonly atMs: number; readonly who: string }[]
}

const LOOK_MS = 100

export function nudgeInMemory(argocd: ArgoCdInMemory, clock: Clock): NudgeInMemory {
  const asked: { atMs: number; who: string }[] = []
  const ask = (who: string, look: () => void) => {
    asked.push({ atMs: clock.now(), who })
    if (nudge.lost > 0) nudge.lost--
    else clock.after(LOOK_MS, look)
  }
  const nudge: NudgeInMemory = {
    lost: 0,
    asked,
    applicationSet: () => ask('ApplicationSet', argocd.lookForFolders),
    application: ({ folder }) => ask(folder, () => argocd.compare(folder)),
  }
  return nudge
}
