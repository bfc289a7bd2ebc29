/**
 * The type of a thrown error decides what happens next: `Terminal` is reported and not retried, `NotReady` is tried
 * again after a time, anything else is the platform's trouble and retried with backoff. Caught once, in reconcile.
 */

/** Whose it is to mend: the pull request's author, or whoever operates this instance and the repo's installation. */
export type Whose = 'author' | 'operator'

/** Someone must change something: reported, not retried until the pull request moves or a rerun is asked for. */
export class Terminal extends Error {
  readonly whose: Whose
  /** The last lines of the tool that refused, where the message alone is not the whole story. */
  readonly details: readonly string[]
  constructor(message: string, options: { whose?: Whose; details?: readonly string[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Terminal'
    this.whose = options.whose ?? 'author'
    this.details = options.details ?? []
  }
}

/** Nothing is wrong, it is early: the key is run again after `afterMs` milliseconds. */
export class NotReady extends Error {
  readonly afterMs: number
  constructor(message: string, afterMs: number) {
    super(message)
    this.name = 'NotReady'
    this.afterMs = afterMs
  }
}

/** The run was ended because something newer took its place; carried as the `reason` of its AbortSignal. */
export class Superseded extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Superseded'
  }
}
