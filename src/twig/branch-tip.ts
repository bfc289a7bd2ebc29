/** The branch's tip as last read; one request to read it again, and one more where it has moved. */
import { unlessAborted } from './abort-signals.ts'
import { commitIn } from './commit-object.ts'
import type { Tip } from './drafted-changes.ts'
import { Refused } from './errors.ts'
import type { Moves } from './moves.ts'
import type { Remote } from './remote.ts'
import type { SendOutcome } from './send.ts'
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
  /**
   * Sends what moves the branch from `from`. Where that applied, the tip is what it made, unless something newer is
   * known by now.
   */
  pushing<C>(from: Tip, send: () => Promise<SendOutcome<C>>): Promise<SendOutcome<C>>
  /** Resolves once what is being sent now has its answer: before, nobody can tell it from what others did. */
  answered(signal: AbortSignal): Promise<void>
}

export interface BranchTipOptions {
  readonly transport: Transport
  readonly remote: Remote
  readonly name: string
  readonly moves: Pick<Moves, 'found' | 'wereOurs'>
}

export function openBranchTip({ transport, remote, name, moves }: BranchTipOptions): BranchTip {
  let tip: Tip | null = null
  const underWay = new Set<Promise<unknown>>()

  const look = async (signal: AbortSignal): Promise<Tip> => {
    for (;;) {
      const before = tip
      const commit = await transport.tip(signal)
      if (commit === null) throw new Refused('no branch', `The repo has no branch ${name}`)
      if (commit === tip?.commit) return tip
      // A push of ours ended meanwhile: what it made is newer than this answer, which knew nothing of it.
      if (tip !== before && tip !== null && commit === before?.commit) return tip
      if (!remote.has(commit)) {
        if (before === null || !remote.has(before.tree)) await remote.commit(commit, null, signal)
        else await remote.moved(commit, before.commit, signal)
      }
      const { tree } = await commitIn(remote.reader(signal), commit)
      if (tip !== before) continue
      tip = { commit, tree }
      if (before !== null) moves.found(before, tip)
      return tip
    }
  }

  return {
    fresh: sharedRead(look),
    known: () => tip,
    async pushing(from, send) {
      const pushed = send().then((outcome) => {
        if (outcome.kind !== 'applied') return outcome
        if (tip === from) tip = outcome.tip
        else moves.wereOurs(from, outcome.tip)
        return outcome
      })
      underWay.add(pushed)
      try {
        return await pushed
      } finally {
        underWay.delete(pushed)
      }
    },
    async answered(signal) {
      await unlessAborted(Promise.allSettled(underWay), signal)
    },
  }
}
