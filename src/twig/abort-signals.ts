/** Signals made of others. Unlike AbortSignal.any's, their listeners can be taken off long-lived signals again. */
import { setMaxListeners } from 'node:events'

export interface CombinedSignal {
  readonly signal: AbortSignal
  /** Takes the listeners off again. */
  release(): void
}

/** For work that several wait for: aborted once all of these are, with the reason of the last. */
export const abortedWhenAll = (signals: readonly AbortSignal[]): CombinedSignal =>
  combined(signals, () => (signals.every(({ aborted }) => aborted) ? signals.at(-1) : undefined))

/**
 * For calls that end with their caller's signal, or with one that ends them all: aborted with the reason of that one.
 * However many calls share a caller's signal, there is one listener on it, and none once they are over.
 */
export function endingWith(ending: AbortSignal): (caller: AbortSignal) => CombinedSignal {
  const shared = new Map<AbortSignal, { readonly both: CombinedSignal; calls: number }>()
  return (caller) => {
    const entry = shared.get(caller) ?? { both: abortedWhenAny([caller, ending]), calls: 0 }
    shared.set(caller, entry)
    entry.calls += 1
    return {
      signal: entry.both.signal,
      release: () => {
        entry.calls -= 1
        if (entry.calls > 0) return
        shared.delete(caller)
        entry.both.release()
      },
    }
  }
}

/** For work that ends with the first of these: aborted with its reason. */
export const abortedWhenAny = (signals: readonly AbortSignal[]): CombinedSignal =>
  combined(signals, () => signals.find(({ aborted }) => aborted))

function combined(signals: readonly AbortSignal[], abortedIn: () => AbortSignal | undefined): CombinedSignal {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal) // one for each thing that is done with it
  const look = () => {
    const because = abortedIn()
    if (because !== undefined) controller.abort(because.reason)
  }
  for (const signal of signals) signal.addEventListener('abort', look)
  look()
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', look)
    },
  }
}

/** The promise's outcome, or the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
