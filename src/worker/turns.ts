import { fairSlots } from './fair-slots.ts'

export interface Turns {
  /** Whether the next work runs at once. */
  isFree(): boolean
  /** @param line works of one line run first come, first served; lines take turns */
  take<T>(line: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/**
 * Lets so many works run at a time. Who is aborted while waiting leaves at once; a work that has begun is told by its
 * own signal, and is waited for until it has put away what it made.
 */
export function turnsOf(concurrency: number): Turns {
  const slots = fairSlots(concurrency)
  return {
    isFree: slots.isFree,
    take: (line, work, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        signal.addEventListener('abort', giveUp)
        const leave = slots.take(line, 'new', (free) => {
          signal.removeEventListener('abort', giveUp)
          resolve(work().finally(free))
        })
        function giveUp(): void {
          leave()
          reject(signal.reason)
        }
      }),
  }
}
