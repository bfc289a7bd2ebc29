/** Text that can't be read as YAML: on which line, counted from 1, and why. */
export class NotYaml extends Error {
  readonly line: number
  readonly reason: string
  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`)
    this.name = 'NotYaml'
    this.line = line
    this.reason = reason
  }
}

/** A value that has no exact JSON: where it stands, and why. */
export class NotJson extends Error {
  readonly path: string
  readonly reason: string
  constructor(path: string, reason: string) {
    super(path === '' ? reason : `${path}: ${reason}`)
    this.name = 'NotJson'
    this.path = path
    this.reason = reason
  }
}
