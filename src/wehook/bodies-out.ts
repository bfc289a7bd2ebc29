/** The room for bodies that are being handed to listeners: bounded for all lanes together, whatever waits. */
import type { Callback } from './callback.ts'

/** Whether a listener answers within `PROMPT_MS`. Those that do wait for none of the others. */
type Pace = 'prompt' | 'slow'

export const PROMPT_MS = 1000

export interface BodiesOut {
  /**
   * Waits until there is room for what a lane takes at a time; whoever asked first has it first.
   * @returns null where the signal was aborted before
   */
  room(pace: Pace, signal: AbortSignal): Promise<Room | null>
}

/** Room for as much as a lane takes at a time. */
export interface Room {
  /**
   * A callback that was taken is out.
   * @param giveWay called where it is out for longer than is prompt, and others that are prompt wait for its room
   * @returns to be called once it is not out any more
   */
  hold(callback: Callback, giveWay: () => void): () => void
  /** All was taken that is: what is not held is free again. */
  close(): void
}

export interface BodiesOutOptions {
  /** Bytes of all bodies that are out, half for each pace; a larger body than that is out alone. */
  readonly maxBytes: number
  /** What a lane takes at a time is no more. */
  readonly takeMaxBytes: number
}

export function openBodiesOut({ maxBytes, takeMaxBytes }: BodiesOutOptions): BodiesOut {
  const bounds = { maxBytes: maxBytes / 2, takeMaxBytes }
  const shares = {
    prompt: openShare({ ...bounds, giveWayAfterMs: PROMPT_MS }),
    slow: openShare({ ...bounds, giveWayAfterMs: null }),
  }
  return { room: (pace, signal) => shares[pace](signal) }
}

interface ShareOptions extends BodiesOutOptions {
  readonly giveWayAfterMs: number | null
}

/** A body that several hold at the same time counts once: the store gives all of them the same. */
interface Held {
  readonly bytes: number
  holders: number
}

interface Hold {
  readonly sinceMs: number
  readonly giveWay: () => void
}

function openShare({ maxBytes, takeMaxBytes, giveWayAfterMs }: ShareOptions) {
  /** Of bodies that are held, and of room that is open. */
  let bytes = 0
  const held = new Map<string, Held>()
  /** Those that were not told to give way, the oldest first. */
  const holds = new Set<Hold>()
  const waiting = new Set<(room: Room) => void>()
  let timer: NodeJS.Timeout | null = null

  const isRoom = () => bytes === 0 || bytes + takeMaxBytes <= maxBytes
  const free = (some: number) => {
    bytes -= some
    for (const give of waiting) {
      if (!isRoom()) return
      waiting.delete(give)
      give(open())
    }
  }
  /** Looks, as long as somebody waits, for what is out for too long. */
  const press = () => {
    const [oldest] = holds
    if (giveWayAfterMs === null || timer !== null || waiting.size === 0 || oldest === undefined) return
    const look = () => {
      timer = null
      const nowMs = performance.now()
      for (const hold of waiting.size > 0 ? holds : []) {
        if (nowMs - hold.sinceMs < giveWayAfterMs) break
        holds.delete(hold)
        hold.giveWay()
      }
      press()
    }
    timer = setTimeout(look, Math.ceil(oldest.sinceMs + giveWayAfterMs - performance.now())).unref()
  }
  const open = (): Room => {
    bytes += takeMaxBytes
    return {
      hold({ id, body }, giveWay) {
        const one = held.get(id) ?? { bytes: body.length, holders: 0 }
        if (one.holders === 0) bytes += one.bytes
        one.holders += 1
        held.set(id, one)
        const hold = { sinceMs: performance.now(), giveWay }
        holds.add(hold)
        press()
        return () => {
          holds.delete(hold)
          one.holders -= 1
          if (one.holders > 0) return
          held.delete(id)
          free(one.bytes)
        }
      },
      close: () => free(takeMaxBytes),
    }
  }

  return async (signal: AbortSignal): Promise<Room | null> => {
    if (signal.aborted) return null
    if (waiting.size === 0 && isRoom()) return open()
    return await new Promise((resolve) => {
      const ended = () => {
        waiting.delete(give)
        resolve(null)
      }
      const give = (room: Room) => {
        signal.removeEventListener('abort', ended)
        resolve(room)
      }
      waiting.add(give)
      signal.addEventListener('abort', ended, { once: true })
      press()
    })
  }
}
