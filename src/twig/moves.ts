/** Where others moved the branch, until somebody has been told of it. */
import type { Tip } from './drafted-changes.ts'

interface Move {
  readonly from: Tip
  readonly to: Tip
}

export interface Moves {
  /** The branch was found to be elsewhere than it was known to be. */
  found(from: Tip, to: Tip): void
  /** A push of ours took it from there to there, and it was found further on before that push had its answer. */
  wereOurs(from: Tip, to: Tip): void
  all(): readonly Move[]
  forget(told: readonly Move[]): void
}

/** Where nobody asks what others changed, what was in between is forgotten; what both ends differ in is not. */
const MOVES_MAX = 50

export function openMoves(): Moves {
  let moves: readonly Move[] = []
  return {
    found(from, to) {
      const [first] = moves
      moves = first !== undefined && moves.length >= MOVES_MAX ? [{ from: first.from, to }] : [...moves, { from, to }]
    },
    wereOurs(from, to) {
      // What was found was that push, or something on top of it: the server takes it from `from` only.
      moves = moves.flatMap((move) => {
        if (move.from !== from) return [move]
        return move.to.commit === to.commit ? [] : [{ from: to, to: move.to }]
      })
    },
    all: () => moves,
    forget(told) {
      moves = moves.filter((move) => !told.includes(move))
    },
  }
}
