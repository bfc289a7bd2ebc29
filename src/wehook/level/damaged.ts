/** What is on the disk is not what was written there: whoever reads it again gets nothing else. */
export class Damaged extends Error {
  constructor(message: string, options: ErrorOptions) {
    super(message, options)
    this.name = 'Damaged'
  }
}
