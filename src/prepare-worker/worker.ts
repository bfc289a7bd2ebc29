import type { Writable } from 'node:stream'
import type { LineReader } from './line-reader.ts'

/** A worker that waits for work, as the service has it: what carries the conversation is its own affair. */
export interface Worker {
  /** Takes frames. */
  readonly input: Writable
  /** What it says. */
  readonly lines: LineReader
  /** How long a work may take; what the service does for it meanwhile does not count. */
  readonly timeoutMs: number
  /** Calls `passed` once, where the work passes another limit from now on. @returns how to stop watching */
  watch(passed: (because: Error) => void): () => void
  /** For one that stopped talking in the midst of its work. @returns why it did, once nothing of it is left */
  endedEarly(): Promise<Error>
  /** Ends it, within a second. @returns once nothing of it is left */
  end(): Promise<void>
}

/** The worker said what no worker of ours says, or ended in the midst of its work. */
export class WorkerBroken extends Error {
  override readonly name = 'WorkerBroken'
}
