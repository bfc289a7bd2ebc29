import type { RunLine, RunUpdate, RunView } from '../../domain/run-view.ts'

/** More lines than this do not wait in memory for a slow reader: it reads the log again instead. */
const QUEUE_MAX = 1000

export interface FollowOptions {
  readonly id: string
  /** The number of the last line that is known already, 0 for none. */
  readonly from: number
  readonly signal: AbortSignal
  readonly view: () => Promise<RunView | null>
  /** Who is told of a run's updates. */
  readonly followers: Map<string, Set<(update: RunUpdate) => void>>
}

/** A run's steps, changes and lines after `from`, and then every update, until `signal` is aborted. */
export async function* follow({ id, from, signal, view, followers }: FollowOptions): AsyncGenerator<RunUpdate> {
  let last = from
  let isBehind = true
  let lines: RunLine[] = []
  let steps: RunUpdate | null = null
  let changes: RunUpdate | null = null
  let wake = () => {}
  const told = (update: RunUpdate) => {
    if (update.kind === 'steps') steps = update
    else if (update.kind === 'changes') changes = update
    else if (lines.length + update.lines.length > QUEUE_MAX) isBehind = true
    else lines.push(...update.lines)
    wake()
  }
  const wakeUp = () => wake()
  const others = followers.get(id) ?? new Set()
  followers.set(id, others.add(told))
  signal.addEventListener('abort', wakeUp)
  try {
    while (!signal.aborted) {
      if (isBehind) {
        // Reset before reading: what comes meanwhile is queued. The numbers tell which lines were read already, and steps
        // and changes that were queued are at least as new as those read.
        isBehind = false
        lines = []
        steps = null
        changes = null
        const run = await view()
        if (run === null) return
        lines = [...run.lines, ...lines.filter(({ number }) => number > (run.lines.at(-1)?.number ?? 0))]
        yield { kind: 'steps', steps: run.steps }
        yield { kind: 'changes', changes: run.changes }
      }
      const fresh = lines.filter(({ number }) => number > last)
      const whole = [steps, changes].flatMap((update) => update ?? [])
      lines = []
      steps = null
      changes = null
      last = fresh.at(-1)?.number ?? last
      yield* whole
      if (fresh.length > 0) yield { kind: 'lines', lines: fresh }
      if (!isBehind && lines.length === 0 && steps === null && changes === null && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    signal.removeEventListener('abort', wakeUp)
    others.delete(told)
    if (others.size === 0 && followers.get(id) === others) followers.delete(id)
  }
}
