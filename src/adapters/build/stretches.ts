import { setImmediate } from 'node:timers/promises'

/** After so long something else of this process gets its turn. */
const STRETCH_MS = 10

/**
 * What to await between the pieces of work that hardly waits for anything.
 * @returns it throws the signal's reason, once there is one
 */
export function inStretches(signal: AbortSignal): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since > STRETCH_MS) {
      await setImmediate()
      since = performance.now()
    }
    signal.throwIfAborted()
  }
}
