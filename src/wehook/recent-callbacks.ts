/**
 * The callbacks that were looked at last: what comes is delivered to dozens of listeners within a moment. Whoever asks for
 * one that somebody still has gets the same, so that its body is in memory once.
 */
import type { Callback } from './callback.ts'

/** As it was read: with how many bytes it takes. */
interface ReadCallback {
  readonly callback: Callback
  readonly bytes: number
}

export interface RecentCallbacks {
  /** Where nobody has it, what `read` gives, which is asked once however many ask at the same time. */
  get(id: string, read: () => Promise<ReadCallback | null>): Promise<Callback | null>
  /** @returns the callback of that id that is known, or else this one */
  put(read: ReadCallback): Callback
}

const MAX_BYTES = 16 * 1024 * 1024

export function recentCallbacks(maxBytes = MAX_BYTES): RecentCallbacks {
  const kept = new Map<string, ReadCallback>()
  let total = 0
  /** What somebody may still have, and is not kept here. */
  const elsewhere = new Map<string, WeakRef<Callback>>()
  const forgotten = new FinalizationRegistry<string>((id) => {
    if (elsewhere.get(id)?.deref() === undefined) elsewhere.delete(id)
  })
  const reading = new Map<string, Promise<Callback | null>>()

  const known = (id: string): Callback | null => kept.get(id)?.callback ?? elsewhere.get(id)?.deref() ?? null
  const put = (read: ReadCallback): Callback => {
    const { id } = read.callback
    const before = kept.get(id)?.callback
    if (before !== undefined) return before
    const callback = elsewhere.get(id)?.deref() ?? read.callback
    elsewhere.delete(id)
    kept.set(id, { callback, bytes: read.bytes })
    total += read.bytes
    for (const [oldest, { callback: evicted, bytes }] of kept) {
      if (total <= maxBytes) break
      kept.delete(oldest)
      total -= bytes
      elsewhere.set(oldest, new WeakRef(evicted))
      forgotten.register(evicted, oldest)
    }
    return callback
  }

  return {
    async get(id, read) {
      const found = known(id)
      if (found !== null) return found
      const asked = reading.get(id)
      if (asked !== undefined) return await asked
      const asking = read()
        .then((one) => (one === null ? null : put(one)))
        .finally(() => reading.delete(id))
      reading.set(id, asking)
      return await asking
    },
    put,
  }
}
