/** What keeps an instance going: the queue of keys, looks at the GitOps repo, and the pass that finds all the rest. */
import { Superseded } from '../domain/errors.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import type { Clock } from '../ports.ts'
import { type KeyedQueueOptions, keyedQueue } from './keyed-queue.ts'
import { onceMore } from './once-more.ts'

export interface LoopOptions {
  readonly reconcile: KeyedQueueOptions<PreviewKey>['work']
  readonly isOutdated: KeyedQueueOptions<PreviewKey>['isOutdated']
  /** `enqueue` is told whether the key's pull request has moved since it was observed. */
  readonly pass: (
    which: 'changed' | 'all',
    enqueue: (key: PreviewKey, hasMoved: boolean) => void,
    signal: AbortSignal,
  ) => Promise<void>
  /** One look at what others pushed to the GitOps repo; what a look that failed has missed is the next pass's to find. */
  readonly look: (enqueue: (key: PreviewKey) => void, signal: AbortSignal) => Promise<void>
  readonly resyncMs: number
  readonly concurrency: number
  readonly clock: Clock
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void
}

export interface Loop {
  /** Something may have changed: the key is observed soon, and a run that has lost its point ends at once. */
  nudge(key: PreviewKey): void
  /** The same, for what can't make a run lose its point. */
  enqueue(key: PreviewKey): void
  /** A pass over everything as soon as possible, whatever the last one saw. */
  resync(): void
  /** Others may have pushed to the GitOps repo: looked at as soon as the look that is under way has ended. */
  look(): void
  /** Whether a first pass has been completed. */
  isSynced(): boolean
  isIdle(): boolean
  /** Takes nothing new, gives what is under way `graceMs` to end, then aborts it. */
  drain(graceMs: number): Promise<void>
}

/** A pass that failed is tried again sooner than the next one is due. */
const FAILED_PASS_MS = 15_000

/** Starts with a pass over everything. */
export function startLoop(options: LoopOptions): Loop {
  const { reconcile, isOutdated, pass, resyncMs, concurrency, clock, log } = options
  const ending = new AbortController()
  const queue = keyedQueue<PreviewKey>({
    textOf: keyText,
    lineOf: ({ repositoryId }) => String(repositoryId),
    concurrency,
    work: reconcile,
    isOutdated,
    outdated: () => new Superseded('the pull request moved on'),
    after: clock.after,
    onError: (key, error) => log('error', 'unexpected', { preview: keyText(key), error }),
  })
  const looks = onceMore(async () => {
    if (ending.signal.aborted) return
    try {
      await options.look(queue.enqueue, ending.signal)
    } catch (error) {
      if (ending.signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      log('warn', `could not look at the GitOps repo, which the next pass will: ${reason}`, { error })
    }
  })
  let wanted: 'changed' | 'all' | null = null
  let isPassing = false
  let isSynced = false
  /** A pass over everything failed, and is owed. */
  let isAllDue = true
  let cancel = () => {}

  function want(which: 'changed' | 'all'): void {
    wanted = which === 'all' || wanted === 'all' ? 'all' : 'changed'
    if (!isPassing && !ending.signal.aborted) void runPasses()
  }

  async function runPasses(): Promise<void> {
    isPassing = true
    cancel()
    let nextMs = resyncMs
    while (wanted !== null && !ending.signal.aborted) {
      const which: 'changed' | 'all' = isAllDue ? 'all' : wanted
      wanted = null
      try {
        // A run that is under way for what is not so any more ends here, where its webhook was lost.
        await pass(which, (key, hasMoved) => (hasMoved ? queue.nudge(key) : queue.enqueue(key)), ending.signal)
        isSynced = true
        isAllDue = false
      } catch (error) {
        if (ending.signal.aborted) break
        log('error', `resync failed: ${error instanceof Error ? error.message : String(error)}`, { error })
        nextMs = Math.min(resyncMs, FAILED_PASS_MS)
        if (which === 'all') isAllDue = true
      }
    }
    isPassing = false
    if (!ending.signal.aborted) cancel = clock.after(nextMs, () => want('changed'))
  }

  want('all')
  return {
    nudge: queue.nudge,
    enqueue: queue.enqueue,
    resync: () => want('all'),
    look: looks.ask,
    isSynced: () => isSynced,
    isIdle: () => queue.isIdle() && !isPassing && looks.isIdle(),
    async drain(graceMs) {
      ending.abort(new Error('shutting down'))
      cancel()
      await queue.drain(graceMs)
    },
  }
}
