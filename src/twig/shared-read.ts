/** One read at a time, shared by those who asked before it began. */
import { abortedWhenAll, unlessAborted } from './abort-signals.ts'

/**
 * @param read what to share; its signal is aborted once all who wait for it have gone
 * @returns a function whose answer is always from a read that began after it was called: who asks while one is under
 *   way waits for the next, together with all the others who did
 */
export function sharedRead<T>(read: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let waiting: Waiter<T>[] = []
  let isRunning = false

  const run = async () => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await answer(group, read)
    }
    isRunning = false
  }

  return (signal) => {
    const answered = new Promise<T>((resolve, reject) => {
      waiting.push({ signal, resolve, reject })
    })
    if (!isRunning) {
      isRunning = true
      queueMicrotask(() => void run()) // whoever asks in the same turn shares it too
    }
    return unlessAborted(answered, signal)
  }
}

interface Waiter<T> {
  readonly signal: AbortSignal
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

async function answer<T>(group: readonly Waiter<T>[], read: (signal: AbortSignal) => Promise<T>): Promise<void> {
  const { signal, release } = abortedWhenAll(group.map((waiter) => waiter.signal))
  try {
    signal.throwIfAborted()
    const value = await read(signal)
    for (const { resolve } of group) resolve(value)
  } catch (error) {
    for (const { reject } of group) reject(error)
  } finally {
    release()
  }
}
