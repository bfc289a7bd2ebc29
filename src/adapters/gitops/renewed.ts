/** Something that grows while it is used, and is opened anew before it is too large. */
import { sharedRead } from './shared-read.ts'

export interface Growing {
  isFull(): boolean
  close(): Promise<void>
}

export interface Renewed<G> {
  /** Has `work` use it; whatever `work` began with stays open until it ends. */
  use<T>(signal: AbortSignal, work: (current: G) => Promise<T>): Promise<T>
  /** Closes it, whoever uses it. */
  close(): Promise<void>
}

interface Held<G> {
  readonly it: G
  users: number
}

/**
 * @param next opens the one that takes the place of a full one; null where it can't be replaced yet. Not called while
 *   the one before is still in use, so that there are never more than two
 */
export function renewed<G extends Growing>(
  first: G,
  next: (full: G, signal: AbortSignal) => Promise<G | null>,
): Renewed<G> {
  let current: Held<G> = { it: first, users: 0 }
  let former: Held<G> | null = null
  let isClosed = false

  const isDue = () => current.it.isFull() && former === null
  const renew = sharedRead(async (signal) => {
    if (!isDue()) return
    const it = await next(current.it, signal)
    if (it === null) return
    if (isClosed) return await it.close()
    former = current
    current = { it, users: 0 }
    await closeUnused()
  })

  const closeUnused = async () => {
    if (former === null || former.users > 0) return
    const { it } = former
    former = null
    await it.close()
  }

  return {
    async use(signal, work) {
      if (isDue()) await renew(signal)
      const held = current
      held.users += 1
      try {
        return await work(held.it)
      } finally {
        held.users -= 1
        await closeUnused()
      }
    },
    async close() {
      isClosed = true
      await Promise.all([current.it.close(), former?.it.close()])
    },
  }
}
