/** A lane for each listener that there is. */
import { type Lane, type LaneOptions, openLane } from './lane.ts'
import type { Listener } from './listener.ts'

export interface Lanes {
  /**
   * These are the listeners, as WeStage just said: others get nothing any more, but those of previews of which it is not
   * known what they take. Who is not among them for a while, and then still is not, is forgotten, unless another replica's
   * list has it: that may be newer.
   * @param atMs when WeStage said so
   */
  set(listeners: readonly Listener[], unclear: ReadonlySet<string>, atMs: number): Promise<void>
  /** Something came from a source. */
  arrived(source: string): void
  listeners(): readonly Listener[]
  /**
   * Hands a callback once more to those that take its source, or to one preview of them.
   * @returns how many those are, null where there is no such callback
   */
  replay(id: string, preview: string | null): Promise<number | null>
  close(): Promise<void>
}

/** What is under way at the end may be taken, so that it does not come twice. */
const GRACE_MS = 5000

interface Open {
  readonly listener: Listener
  readonly lane: Lane
}

export interface LanesOptions extends LaneOptions {
  /** How long somebody is in no list before it is forgotten. */
  readonly absentMaxMs: number
}

export function openLanes(options: LanesOptions): Lanes {
  const { store, now, ttlMs, absentMaxMs } = options
  const open = new Map<string, Open>()
  /** Lanes that are being closed, by listener: what came of an attempt may have to be noted yet. */
  const ending = new Map<string, Promise<void>>()
  /** Who follows and is not among the listeners -> since when. */
  const absent = new Map<string, number>()
  return {
    async set(listeners, unclear, atMs) {
      const wanted = new Map(listeners.map((listener) => [listener.name, listener]))
      for (const { listener } of open.values()) if (unclear.has(listener.preview)) wanted.set(listener.name, listener)
      for (const [name, { listener, lane }] of open) {
        const next = wanted.get(name)
        if (next !== undefined && next.url.href === listener.url.href && next.host === listener.host) continue
        open.delete(name)
        const ended = lane.close(0).finally(() => ending.delete(name)) // whoever was there is not there any more
        ending.set(name, ended)
      }
      // Who is gone keeps nobody else waiting.
      await Promise.all([...ending].map(([name, ended]) => (wanted.has(name) ? ended : null)))
      const following = await store.listeners()
      const isGone = (name: string) => !wanted.has(name) && !unclear.has(name.split(' ', 1)[0] ?? '')
      const gone = new Set([...following.keys()].filter(isGone))
      for (const name of absent.keys()) if (!gone.has(name)) absent.delete(name)
      for (const [name, listener] of wanted) {
        if (open.has(name) && following.has(name)) continue
        await store.follow(name, listener.source, Math.max(Math.min(listener.sinceMs, now()), now() - ttlMs))
        // Of one that another replica had forgotten, something may have come meanwhile.
        const lane = open.get(name)?.lane ?? openLane(listener, options)
        if (!open.has(name)) open.set(name, { listener, lane })
        lane.wake()
      }
      await store.listed([...wanted.keys()], atMs)
      // Last, so that whom the store can't forget keeps nobody waiting; by the list's time: it may be told once more.
      for (const name of gone) {
        const sinceMs = absent.get(name) ?? now()
        absent.set(name, sinceMs)
        if (ending.has(name) || atMs - Math.max(sinceMs, following.get(name) ?? 0) < absentMaxMs) continue
        await store.forget(name)
        absent.delete(name)
      }
    },
    arrived(source) {
      for (const { listener, lane } of open.values()) if (listener.source === source) lane.wake()
    },
    listeners: () => [...open.values()].map(({ listener }) => listener),
    async replay(id, preview) {
      const callback = await store.callback(id)
      if (callback === null) return null
      let count = 0
      for (const { listener, lane } of open.values()) {
        if (listener.source !== callback.source || (preview !== null && listener.preview !== preview)) continue
        if (!(await store.again(listener.name, id, now()))) continue
        count += 1
        lane.wake()
      }
      return count
    },
    async close() {
      await Promise.all([...ending.values(), ...[...open.values()].map(({ lane }) => lane.close(GRACE_MS))])
    },
  }
}
