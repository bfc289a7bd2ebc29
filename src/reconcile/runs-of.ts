import { keyText, type PreviewKey } from '../domain/key.ts'
import type { Pull } from '../domain/pull.ts'
import type { Clock, RunLog, Runs } from '../ports.ts'

/** The run of each preview that is under way in this process. */
export interface OpenRuns {
  /** The run that the pull request was told of, where its log is still there; a new one where it is not. */
  resume(key: PreviewKey, pull: Pull, id: string): Promise<RunLog>
  /** A new run in any case. */
  start(key: PreviewKey, pull: Pull): Promise<RunLog>
  current(key: PreviewKey): RunLog | null
  /** The run came to an end: what it said is on disk, no step of it is under way, and it is not kept in memory. */
  finish(key: PreviewKey): Promise<void>
}

export function openRuns(runs: Runs, clock: Clock): OpenRuns {
  const open = new Map<string, RunLog>()
  const close = async (run: RunLog | undefined) => {
    for (const { step, outcome } of run?.steps() ?? []) {
      if (outcome === 'running') run?.end(step, clock.now(), 'aborted', '')
    }
    await run?.flush()
  }
  const start = async (key: PreviewKey, pull: Pull) => {
    await close(open.get(keyText(key)))
    const run = await runs.start({
      key: keyText(key),
      title: `${key.app} #${key.pull}`,
      pullUrl: pull.url,
      sha: pull.head,
    })
    open.set(keyText(key), run)
    return run
  }
  return {
    start,
    async resume(key, pull, id) {
      const own = open.get(keyText(key))
      if (own !== undefined && own.about.sha === pull.head) return own
      const told = id === '' ? null : await runs.open(id)
      if (told === null || told.about.key !== keyText(key) || told.about.sha !== pull.head) return start(key, pull)
      open.set(keyText(key), told)
      return told
    },
    current: (key) => open.get(keyText(key)) ?? null,
    async finish(key) {
      const run = open.get(keyText(key))
      open.delete(keyText(key))
      await close(run)
    },
  }
}
