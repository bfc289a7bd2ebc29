import PQueue from 'p-queue'

/**
 * Lets so many works run at a time. Who is aborted while waiting leaves at once; a work that has begun is told by its
 * own signal, and is waited for until it has put away what it made.
 */
export function turnsOf(concurrency: number): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const queue = new PQueue({ concurrency })
  return async (work, signal) => {
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
  }
}
