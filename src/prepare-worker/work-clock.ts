/** How long one work has taken, without what it waited for others to do. */
export interface WorkClock {
  /** The clock stands while this goes on. */
  without<Result>(work: () => Promise<Result>): Promise<Result>
  /** It is not asked any more. */
  stop(): void
}

/** Begins at once. @param isUp called once, when `timeoutMs` have passed; not while the clock stands */
export function workClock(timeoutMs: number, isUp: () => void): WorkClock {
  let leftMs = timeoutMs
  let waits = 0
  let startedAtMs = 0
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  const go = () => {
    if (isStopped) return
    startedAtMs = performance.now()
    timer = setTimeout(isUp, leftMs)
  }
  const hold = () => {
    if (timer === null) return
    clearTimeout(timer)
    timer = null
    leftMs = Math.max(0, leftMs - (performance.now() - startedAtMs))
  }
  go()
  return {
    async without(work) {
      if (waits++ === 0) hold()
      try {
        return await work()
      } finally {
        if (--waits === 0) go()
      }
    },
    stop() {
      isStopped = true
      hold()
    },
  }
}
