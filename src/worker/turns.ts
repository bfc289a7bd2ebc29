import PQueue from 'p-queue'

export interface Turns {
  /** Whether the next work runs at once. */
  isFree(): boolean
  take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/**
 * Lets so many works run at a time. Who is aborted while waiting leaves at once; a work that has begun is told by its
 * own signal, and is waited for until it has put away what it made.
 */
export function turnsOf(concurrency: number): Turns {
  const queue = new PQueue({ concurrency })
  return {
    isFree: () => queue.pending < concurrency,
    async take(work, signal) {
      signal.throwIfAborted()
      const leaving = new AbortController()
      const leave = () => leaving.abort(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      const stay = () => signal.removeEventListener('abort', leave)
      const begin = () => {
        stay()
        return work()
      }
      return queue.add(begin, { signal: leaving.signal }).finally(stay)
    },
  }
}
