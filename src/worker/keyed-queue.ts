/**
 * A queue that holds a key once. A key that arrives while it is worked on is worked on again afterwards, once. Waiting
 * costs nothing: a key that comes back later is a timer, and one that waits for others gives its slot away. Slots are
 * given to each line of keys in turn, so that a long line does not keep the others waiting.
 */
import { fairSlots } from './fair-slots.ts'

/** What working on a key came to. */
type Next =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'retry'; readonly afterMs: number }

type Outside = <T>(wait: () => Promise<T>) => Promise<T>

export interface KeyedQueueOptions<K> {
  readonly textOf: (key: K) => string
  /** The line that a key waits in: there it is first come, first served, and the lines take turns. */
  readonly lineOf: (key: K) => string
  readonly concurrency: number
  /**
   * @param failures how many 'retry' came in a row before
   * @param outside runs what only waits for others, and gives the slot away meanwhile
   */
  readonly work: (key: K, failures: number, signal: AbortSignal, outside: Outside) => Promise<Next>
  /** Whether the work under way has lost its point; asked when a key is nudged meanwhile. */
  readonly isOutdated: (key: K, signal: AbortSignal) => Promise<boolean>
  /** The reason that ends outdated work. */
  readonly outdated: () => Error
  readonly after: (ms: number, then: () => void) => () => void
  readonly onError: (key: K, error: unknown) => void
}

export interface KeyedQueue<K> {
  /** The key is worked on soon: something about it changed. */
  enqueue(key: K): void
  /** The same, and work that is under way is ended where it has lost its point. */
  nudge(key: K): void
  /** Nothing new is begun; work under way has `graceMs` to end by itself and is aborted then. */
  drain(graceMs: number): Promise<void>
  /** No key is waiting for a slot or being worked on (timers may be set). */
  isIdle(): boolean
  /** How many keys wait for a slot, are worked on, and wait for their time. */
  sizes(): { readonly waiting: number; readonly working: number; readonly later: number }
}

interface Entry {
  readonly stop: AbortController
  isAgain: boolean
  glance: 'none' | 'asking' | 'ask again'
}

export function keyedQueue<K>(options: KeyedQueueOptions<K>): KeyedQueue<K> {
  const { textOf, lineOf, work, isOutdated, outdated, after, onError } = options
  const slots = fairSlots(options.concurrency)
  const waiting = new Set<string>()
  const working = new Map<string, Entry>()
  const later = new Map<string, () => void>()
  const failures = new Map<string, number>()
  /** Keys whose work is not at its end: they go before those of their line that nothing was done for yet. */
  const underWay = new Set<string>()
  /** Lets those that want a slot again go on without one. */
  const returning = new Set<() => void>()
  const ending = new AbortController()
  const running = new Set<Promise<void>>()

  function enqueue(key: K): void {
    const text = textOf(key)
    if (ending.signal.aborted || waiting.has(text)) return
    later.get(text)?.()
    later.delete(text)
    const entry = working.get(text)
    if (entry !== undefined) {
      entry.isAgain = true
      return
    }
    waiting.add(text)
    slots.take(lineOf(key), underWay.has(text) ? 'begun' : 'new', (free) => {
      const ran = run(key, text, free).catch((error: unknown) => onError(key, error))
      running.add(ran)
      void ran.finally(() => running.delete(ran))
    })
  }

  /**
   * A slot again, before those of its line that nothing was done for yet; none where the work is aborted or everything
   * ends, since then it only puts away what it made. @returns what frees the slot
   */
  function back(key: K, stop: AbortSignal): Promise<() => void> {
    return new Promise((taken) => {
      if (stop.aborted || ending.signal.aborted) return taken(() => {})
      const goOn = () => {
        leave()
        returning.delete(goOn)
        taken(() => {})
      }
      stop.addEventListener('abort', goOn, { once: true })
      returning.add(goOn)
      const leave = slots.take(lineOf(key), 'begun', (free) => {
        stop.removeEventListener('abort', goOn)
        returning.delete(goOn)
        taken(free)
      })
    })
  }

  async function run(key: K, text: string, free: () => void): Promise<void> {
    waiting.delete(text)
    if (ending.signal.aborted) return free()
    const entry: Entry = { stop: new AbortController(), isAgain: false, glance: 'none' }
    let leave = free
    const outside: Outside = async (wait) => {
      leave()
      try {
        return await wait()
      } finally {
        leave = await back(key, entry.stop.signal)
      }
    }
    try {
      await runIn(key, text, entry, outside)
    } finally {
      leave()
    }
  }

  async function runIn(key: K, text: string, entry: Entry, outside: Outside): Promise<void> {
    working.set(text, entry)
    let next: Next = { kind: 'done' }
    try {
      next = await work(key, failures.get(text) ?? 0, entry.stop.signal, outside)
    } finally {
      working.delete(text)
      entry.stop.abort()
    }
    if (next.kind === 'retry') failures.set(text, (failures.get(text) ?? 0) + 1)
    else failures.delete(text)
    if (next.kind === 'again') underWay.add(text)
    else underWay.delete(text)
    if (entry.isAgain) enqueue(key)
    else if (next.kind !== 'done') comeBack(key, text, next.afterMs)
  }

  function comeBack(key: K, text: string, afterMs: number): void {
    if (ending.signal.aborted) return
    later.get(text)?.()
    const cancel = after(afterMs, () => {
      later.delete(text)
      enqueue(key)
    })
    later.set(text, cancel)
  }

  async function glance(key: K, entry: Entry): Promise<void> {
    if (entry.glance !== 'none') {
      entry.glance = 'ask again'
      return
    }
    do {
      entry.glance = 'asking'
      if (await isOutdated(key, entry.stop.signal)) entry.stop.abort(outdated())
    } while (isAskedAgain(entry) && !entry.stop.signal.aborted)
    entry.glance = 'none'
  }

  return {
    enqueue,
    nudge(key) {
      const entry = working.get(textOf(key))
      enqueue(key)
      if (entry === undefined) return
      glance(key, entry).catch((error: unknown) => {
        entry.glance = 'none'
        // The work ended first, which is as good an answer as any.
        if (!entry.stop.signal.aborted) onError(key, error)
      })
    },
    async drain(graceMs) {
      ending.abort()
      for (const cancel of later.values()) cancel()
      later.clear()
      for (const goOn of returning) goOn()
      const cancel = after(graceMs, () => {
        for (const { stop } of working.values()) stop.abort(new Error('shutting down'))
      })
      await Promise.all(running)
      cancel()
    },
    isIdle: () => waiting.size === 0 && working.size === 0,
    sizes: () => ({ waiting: waiting.size, working: working.size, later: later.size }),
  }
}

const isAskedAgain = (entry: Entry): boolean => entry.glance === 'ask again'
