/** What wants a slot: begun work goes before what nothing was done for yet. */
export type Rank = 'begun' | 'new'

export interface FairSlots {
  /** Whether the next one gets a slot at once. */
  isFree(): boolean
  /**
   * Calls `begin` with what frees the slot: at once where one is free, else when it is this one's turn.
   * @returns leaves the line; nothing once it has begun
   */
  take(line: string, rank: Rank, begin: (free: () => void) => void): () => void
}

type Begin = (free: () => void) => void

/** Both in the order in which they came. */
type Line = Readonly<Record<Rank, Set<Begin>>>

/**
 * So many slots, and a line for each of those that share them. The lines take turns: between two slots that one line
 * gets, each other line that waits gets one. So the first of a line waits until each line that waited before has been
 * given one slot at most, however long those lines are.
 */
export function fairSlots(count: number): FairSlots {
  /** Those that somebody waits in; the one whose turn it is stands first. */
  const lines = new Map<string, Line>()
  let left = count

  function give(begin: Begin): void {
    left--
    let isHeld = true
    begin(() => {
      if (!isHeld) return
      isHeld = false
      left++
      const next = nextOf(lines)
      if (next !== null) give(next)
    })
  }

  return {
    isFree: () => left > 0,
    take(name, rank, begin) {
      if (left > 0) {
        give(begin)
        return () => {}
      }
      const line = lines.get(name) ?? { begun: new Set(), new: new Set() }
      lines.set(name, line)
      line[rank].add(begin)
      return () => {
        line[rank].delete(begin)
        if (isEmpty(line) && lines.get(name) === line) lines.delete(name)
      }
    },
  }
}

/** Takes the next one out; its line goes behind the others. */
function nextOf(lines: Map<string, Line>): Begin | null {
  for (const [name, line] of lines) {
    const rank: Rank = line.begun.size > 0 ? 'begun' : 'new'
    lines.delete(name)
    for (const begin of line[rank]) {
      line[rank].delete(begin)
      if (!isEmpty(line)) lines.set(name, line)
      return begin
    }
  }
  return null
}

const isEmpty = ({ begun, new: fresh }: Line): boolean => begun.size === 0 && fresh.size === 0
