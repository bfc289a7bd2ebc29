/** One try to hand a callback to a listener. */
import type { Callback } from './callback.ts'
import type { Listener } from './listener.ts'

/** What the listener said; `unreached` where nobody was there to say anything. */
export interface Answer {
  readonly kind: 'taken' | 'not taken' | 'unreached'
  /** `204`, `connect ECONNREFUSED`: for people. */
  readonly words: string
}

/** @param attempt 1 for the first */
export type Attempt = (listener: Listener, callback: Callback, attempt: number, signal: AbortSignal) => Promise<Answer>
