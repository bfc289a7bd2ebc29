/** The callbacks that were looked at last: what comes is delivered to dozens of listeners within a moment. */
import type { Callback } from './callback.ts'

export interface RecentCallbacks {
  get(id: string): Callback | null
  put(callback: Callback, bytes: number): void
}

const MAX_BYTES = 16 * 1024 * 1024

export function recentCallbacks(maxBytes = MAX_BYTES): RecentCallbacks {
  const callbacks = new Map<string, { readonly callback: Callback; readonly bytes: number }>()
  let total = 0
  return {
    get: (id) => callbacks.get(id)?.callback ?? null,
    put(callback, bytes) {
      if (callbacks.has(callback.id)) return
      callbacks.set(callback.id, { callback, bytes })
      total += bytes
      for (const [id, oldest] of callbacks) {
        if (total <= maxBytes) break
        callbacks.delete(id)
        total -= oldest.bytes
      }
    },
  }
}
