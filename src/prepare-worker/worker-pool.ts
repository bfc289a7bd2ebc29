/** The workers there are, and which of them does what. */

export interface PoolOptions<W> {
  /** How many there are at most; nobody asks for more at a time. */
  readonly size: number
  readonly start: () => Promise<W>
  readonly isAlive: (worker: W) => boolean
  readonly end: (worker: W) => Promise<void>
  /** Told what no work was waiting for: a worker that could not be started ahead, or what a dead one left. */
  readonly failed: (error: unknown) => void
}

export interface WorkerPool<W> {
  /**
   * Runs `work` on a worker that has never worked for another owner: what it was given before may have got the better
   * of it.
   */
  use<T>(owner: number, work: (worker: W) => Promise<T>): Promise<T>
  /** Ends all of them. @returns once nothing is left */
  close(): Promise<void>
}

interface Member<W> {
  readonly worker: W
  /** null: it has not worked yet */
  readonly owner: number | null
  readonly works: number
}

/** So that what a library keeps can't grow for ever. */
const WORKS_MAX = 100
/** Nothing to do for so long: it is time to get ready for whoever comes next. */
const REST_MS = 500

/**
 * One that has not worked yet is kept ready, so that a first work does not wait for its start; where there is one at
 * most, only until somebody's work has begun.
 */
export function workerPool<W>(options: PoolOptions<W>): WorkerPool<W> {
  const { size, start, isAlive, end, failed } = options
  /** The one that was used last is the last. */
  let idle: Member<W>[] = []
  const ending = new Set<Promise<void>>()
  let busy = 0
  let starting: Promise<void> | null = null
  let rest: NodeJS.Timeout | null = null
  let isClosed = false

  const dismiss = (worker: W) => {
    const ended = end(worker).finally(() => ending.delete(ended))
    ending.add(ended)
    return ended
  }
  /** Nobody waits for those that died while they had nothing to do. */
  const forgetDead = () => {
    for (const { worker } of idle) if (!isAlive(worker)) dismiss(worker).catch(failed)
    idle = idle.filter(({ worker }) => isAlive(worker))
  }
  const taken = (isWanted: (member: Member<W>) => boolean): Member<W> | null => {
    forgetDead()
    const found = idle.findLast(isWanted) ?? null
    idle = idle.filter((member) => member !== found)
    return found
  }
  const takeFor = async (owner: number): Promise<Member<W>> => {
    const own = taken((member) => member.owner === owner) ?? taken((member) => member.owner === null)
    if (own !== null) return own
    await starting
    const fresh = taken((member) => member.owner === null)
    if (fresh !== null) return fresh
    const [oldest] = idle
    if (oldest !== undefined && idle.length + busy > size) {
      idle = idle.slice(1)
      await dismiss(oldest.worker)
    }
    return { worker: await start(), owner: null, works: 0 }
  }
  const getReady = () => {
    rest = null
    if (isClosed || busy > 0 || starting !== null) return
    forgetDead()
    if (idle.some(({ owner }) => owner === null)) return
    // Where there is room for one, who works next is most likely who worked last.
    if (size === 1 && idle.length > 0) return
    starting = (async () => {
      const [oldest] = idle
      if (oldest !== undefined && idle.length >= size) {
        idle = idle.slice(1)
        await dismiss(oldest.worker)
      }
      const worker = await start()
      if (isClosed) await end(worker)
      else idle = [...idle, { worker, owner: null, works: 0 }]
    })()
      .catch(failed)
      .finally(() => {
        starting = null
      })
  }
  const restSoon = () => {
    if (rest !== null) clearTimeout(rest)
    rest = setTimeout(getReady, REST_MS).unref()
  }
  getReady()

  return {
    async use(owner, work) {
      busy += 1
      try {
        const { worker, works } = await takeFor(owner)
        try {
          return await work(worker)
        } finally {
          if (isClosed || !isAlive(worker) || works + 1 >= WORKS_MAX) await dismiss(worker)
          else idle.push({ worker, owner, works: works + 1 })
        }
      } finally {
        busy -= 1
        if (!isClosed) restSoon()
      }
    },
    async close() {
      isClosed = true
      if (rest !== null) clearTimeout(rest)
      await starting
      for (const { worker } of idle.splice(0)) void dismiss(worker)
      await Promise.all(ending)
    },
  }
}
