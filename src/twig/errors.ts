/** What ends a call for good; anything else that is thrown may go better the next time. */

/** What someone must change. */
export type RefusedWhy =
  | 'address with credentials'
  | 'credentials missing'
  | 'credentials refused'
  | 'no right to read'
  | 'no right to write'
  | 'not found'
  | 'moved'
  | 'not a git repo'
  | 'not understood'
  | 'no branch'
  | 'push refused'
  | 'push too large'
  | 'branch protected'
  | 'signatures required'
  | 'file on the path'
  | 'name not text'

/** Someone must change something at the server, or about how it is reached: not to be retried before. */
export class Refused extends Error {
  readonly why: RefusedWhy
  /** What the server said, line by line, where the message alone is not the whole story. */
  readonly details: readonly string[]
  constructor(why: RefusedWhy, message: string, details: readonly string[] = []) {
    super(message)
    this.name = 'Refused'
    this.why = why
    this.details = details
  }
}

/** The folder is not the one that the change was decided on: look again. */
export class Stale extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Stale'
  }
}

/** A file that no repo should have: its name, or its size. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable'
}
