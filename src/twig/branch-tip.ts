/** The branch's tip as last read; one request to read it again, and one more where it has moved. */
import { commitIn } from './commit-object.ts'
import type { Tip } from './drafted-changes.ts'
import { Refused } from './errors.ts'
import type { Remote } from './remote.ts'
import { sharedRead } from './shared-read.ts'
import type { Transport } from './transport.ts'

export interface BranchTip {
  /**
   * The tip, asked for after this was called.
   * @throws {Refused} there is no such branch, or it may not be read
   */
  fresh(signal: AbortSignal): Promise<Tip>
  /** As last read or pushed, null before the first time. */
  known(): Tip | null
  /** A push of ours moved the branch from `from`; where something newer is known by now, that stays. */
  moved(from: Tip, to: Tip): void
}

export interface BranchTipOptions {
  readonly transport: Transport
  readonly remote: Remote
  readonly name: string
  /** Others moved the branch. */
  readonly onMove: (from: Tip, to: Tip) => void
}

export function openBranchTip({ transport, remote, name, onMove }: BranchTipOptions): BranchTip {
  let tip: Tip | null = null

  const look = async (signal: AbortSignal): Promise<Tip> => {
    for (;;) {
      const before = tip
      const commit = await transport.tip(signal)
      if (commit === null) throw new Refused('no branch', `The repo has no branch ${name}`)
      if (commit === tip?.commit) return tip
      // A push of ours ended meanwhile: what it made is newer than this answer, which knew nothing of it.
      if (tip !== before && tip !== null && commit === before?.commit) return tip
      if (!remote.has(commit)) await remote.commit(commit, before?.commit ?? null, signal)
      const { tree } = await commitIn(remote.reader(signal), commit)
      if (tip !== before) continue
      tip = { commit, tree }
      if (before !== null) onMove(before, tip)
      return tip
    }
  }

  return {
    fresh: sharedRead(look),
    known: () => tip,
    moved: (from, to) => {
      if (tip === from) tip = to
    },
  }
}
