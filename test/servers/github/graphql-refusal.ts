/** A mutation that GitHub does not do: an entry of `errors` in an answer whose status is 200. */
export class MutationRefusal extends Error {
  /** `STALE_DATA`, `FORBIDDEN` and the like: what clients tell refusals by. */
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}
