/** Where callbacks are until every listener has had them. What a listener is: see listener.ts; here it is a name. */
import { z } from 'zod'
import type { Arrived, Callback, ListedCallback } from './callback.ts'

/** There is no room for more: the disk is full, or as much waits as may. The provider is to send it again later. */
export class StoreFull extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreFull'
  }
}

/** A callback that a listener is to get now. */
export interface Taken {
  readonly listener: string
  readonly callback: Callback
  /** How often it was tried before. */
  readonly attempts: number
  /** From when on it is tried: when it came, or was asked for again. */
  readonly sinceMs: number
  /** When it was to be tried, null for the first time: what the store finds it by. */
  readonly dueMs: number | null
}

/** What came of the last attempt. */
export const OutcomeSchema = z.object({
  state: z.enum(['delivered', 'waiting', 'gave up']),
  attempts: z.number(),
  /** When that was. */
  atMs: z.number(),
  /** Milliseconds that the listener took to answer. */
  tookMs: z.number(),
  /** Its answer, or why there was none: `204`, `connect ECONNREFUSED`. */
  answer: z.string(),
})

export type Outcome = Readonly<z.output<typeof OutcomeSchema>>

export interface CallbackStore {
  /**
   * Keeps a callback, and gives it its id. It is on disk when this resolves; those that come at the same time are
   * written together.
   * @returns null where one with its mark is there already: nothing is kept then
   * @throws {StoreFull}
   */
  keep(arrived: Arrived): Promise<Callback | null>
  /** From now on, `told` hears of each source from which something came, here or at another replica. */
  arrivals(told: (source: string) => void): void
  /**
   * From now on a listener gets what comes from a source, and what came since a time. Where it does already, it goes on
   * from where it was: what was given out and is not through is given out again.
   */
  follow(listener: string, source: string, sinceMs: number): Promise<void>
  /** The listener gets nothing any more, and what it has not had is forgotten. */
  forget(listener: string): Promise<void>
  /** Those that follow, each with when a list had it last, here or at another replica: 0 where that is not known. */
  listeners(): Promise<ReadonlyMap<string, number>>
  /** A list that was right at that time has these. */
  listed(listeners: readonly string[], atMs: number): Promise<void>
  /**
   * What a listener is to get now and nobody is at. One process asks once at a time for a listener.
   * @param maxBytes of bodies: none is added once they are as many
   * @param first whether what is to be tried again comes first, or what it has not had
   */
  take(
    listener: string,
    most: number,
    maxBytes: number,
    nowMs: number,
    first: 'again' | 'new',
  ): Promise<readonly Taken[]>
  /** When the next of a listener's is to be tried again, null where there is none. */
  nextDueMs(listener: string): Promise<number | null>
  /** It is through with that listener. */
  settle(taken: Taken, outcome: Outcome): Promise<void>
  /** It is to be tried again at a time. */
  postpone(taken: Taken, outcome: Outcome, dueMs: number): Promise<void>
  /** As if it had come to that listener just now, whatever came of it before. @returns false where there is no such callback */
  again(listener: string, id: string, nowMs: number): Promise<boolean>
  callback(id: string): Promise<Callback | null>
  /** The latest first, as they are asked for: bodies are not read for that. */
  latest(): AsyncIterable<ListedCallback>
  /** What came of a callback by listener, for those to whom it was sent. */
  outcomes(callback: Pick<Callback, 'id' | 'source'>): Promise<ReadonlyMap<string, Outcome>>
  /** Forgets callbacks that came before a time, and what came of them, whoever has not had them. */
  trim(beforeMs: number): Promise<void>
  /** Bytes of all that is kept: callbacks, their marks, what came of them and what waits. */
  bytes(): number
  close(): Promise<void>
}
