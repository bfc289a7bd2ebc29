/** The room for bodies that are being handed to listeners: bounded for all lanes together, whatever waits. */
import type { Callback } from './callback.ts'

/**
 * How a listener answered last: within `PROMPT_MS`, later, or not at all. Those that are prompt wait for none of the
 * others. Of those that did not answer, most wait no longer than a moment for each other: one of them may be back.
 */
type Pace = 'prompt' | 'slow' | 'unreached'

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
   * @param giveWay called where it is out for longer than is prompt, others wait for its room, and it may not stay
   * @returns to be called once it is not out any more
   */
  hold(callback: Callback, giveWay: () => void): () => void
  /** All was taken that is: what is not held is free again. */
  close(): void
}

export interface BodiesOutOptions {
  /** Bytes of all bodies that are out, half for listeners that are prompt; one of more than half is out alone. */
  readonly maxBytes: number
  /** What a lane takes at a time is no more. */
  readonly takeMaxBytes: number
}

export function openBodiesOut({ maxBytes, takeMaxBytes }: BodiesOutOptions): BodiesOut {
  const half = { maxBytes: maxBytes / 2, takeMaxBytes }
  const [prompt, others] = [openShare(half), openShare(half)]
  // A slow one that is cut short has done its work for nothing. Of those that may hang, some are waited for all the same:
  // one that is back may be slow.
  const rooms = { prompt: prompt(0), slow: others(Infinity), unreached: others(maxBytes / 4) }
  return { room: (pace, signal) => rooms[pace](signal) }
}

/** A body that several hold at the same time counts once: the store gives all of them the same. */
interface Held {
  readonly bytes: number
  holders: number
}

/** What of a pace's bodies gives way to nobody: so many bytes, or one. */
interface Staying {
  bytes: number
  readonly maxBytes: number
}

interface Hold {
  readonly sinceMs: number
  readonly giveWay: () => void
}

function openShare({ maxBytes, takeMaxBytes }: BodiesOutOptions) {
  /** Of bodies that are held, and of room that is open. */
  let bytes = 0
  const held = new Map<string, Held>()
  /** Those that may not stay and were not told to give way, the oldest first. */
  const holds = new Set<Hold>()
  const waiting = new Map<(room: Room) => void, Staying>()
  let timer: NodeJS.Timeout | null = null

  const isRoom = () => bytes === 0 || bytes + takeMaxBytes <= maxBytes
  const free = (some: number) => {
    bytes -= some
    for (const [give, stay] of waiting) {
      if (!isRoom()) return
      waiting.delete(give)
      give(open(stay))
    }
  }
  /** Looks, as long as somebody waits, for what is out for too long. */
  const press = () => {
    const [oldest] = holds
    if (timer !== null || waiting.size === 0 || oldest === undefined) return
    const look = () => {
      timer = null
      const nowMs = performance.now()
      for (const hold of waiting.size > 0 ? holds : []) {
        if (nowMs - hold.sinceMs < PROMPT_MS) break
        holds.delete(hold)
        hold.giveWay()
      }
      press()
    }
    timer = setTimeout(look, Math.ceil(oldest.sinceMs + PROMPT_MS - performance.now())).unref()
  }
  const open = (stay: Staying): Room => {
    bytes += takeMaxBytes
    return {
      hold({ id, body }, giveWay) {
        const one = held.get(id) ?? { bytes: body.length, holders: 0 }
        if (one.holders === 0) bytes += one.bytes
        one.holders += 1
        held.set(id, one)
        const hold = { sinceMs: performance.now(), giveWay }
        const isOnly = stay.bytes === 0 && stay.maxBytes > 0 // however large it is
        const stays = isOnly || stay.bytes + body.length <= stay.maxBytes
        if (stays) stay.bytes += body.length
        else holds.add(hold)
        press()
        return () => {
          if (stays) stay.bytes -= body.length
          else holds.delete(hold)
          one.holders -= 1
          if (one.holders > 0) return
          held.delete(id)
          free(one.bytes)
        }
      },
      close: () => free(takeMaxBytes),
    }
  }

  const room = async (stay: Staying, signal: AbortSignal): Promise<Room | null> => {
    if (signal.aborted) return null
    if (waiting.size === 0 && isRoom()) return open(stay)
    return await new Promise((resolve) => {
      const ended = () => {
        waiting.delete(give)
        resolve(null)
      }
      const give = (room: Room) => {
        signal.removeEventListener('abort', ended)
        resolve(room)
      }
      waiting.set(give, stay)
      signal.addEventListener('abort', ended, { once: true })
      press()
    })
  }
  /** @param stayMaxBytes of bodies that give way to nobody, however long they are out */
  return (stayMaxBytes: number) => {
    const stay = { bytes: 0, maxBytes: stayMaxBytes }
    return (signal: AbortSignal) => room(stay, signal)
  }
}
