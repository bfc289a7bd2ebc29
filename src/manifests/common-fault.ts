/**
 * What operators have to mend in `common/`. It is no Terminal: every preview of the app fails of it, no push of an author
 * changes that, and once it is mended they go on by themselves.
 */
export class CommonFault extends Error {
  /** What is wrong, with the file where it is one's. */
  readonly fault: string
  constructor(fault: string, cause?: unknown) {
    super(`common/ in the GitOps repo: ${fault}`, cause === undefined ? undefined : { cause })
    this.name = 'CommonFault'
    this.fault = fault
  }
}
