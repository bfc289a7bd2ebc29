/** What GitHub answers where it refuses: one class, and the bodies as GitHub's REST documentation and API word them. */
import type { Json, JsonObject } from './json.ts'

const DOCUMENTATION = 'https://docs.github.com/rest'

export type RefusalStatus = 301 | 307 | 400 | 401 | 403 | 404 | 409 | 415 | 422 | 429 | 500 | 502 | 503

/** A request that is answered with anything but success. */
export class Refusal extends Error {
  readonly status: RefusalStatus
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: RefusalStatus,
    message: string,
    more: { readonly body?: JsonObject; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.status = status
    this.body = { message, ...more.body, documentation_url: DOCUMENTATION, status: String(status) }
    this.headers = more.headers ?? {}
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')

export const badCredentials = (): Refusal => new Refusal(401, 'Bad credentials')

/** GitHub: "Troubleshooting the REST API", Resource not accessible. The header lists what would do, `;` between them. */
export const notAccessible = (accepted: readonly string[]): Refusal =>
  new Refusal(403, 'Resource not accessible by integration', {
    headers: accepted.length === 0 ? {} : { 'x-accepted-github-permissions': accepted.join('; ') },
  })

/** A body that breaks the endpoint's schema. */
export const invalidRequest = (why: string): Refusal => new Refusal(422, `Invalid request.\n\n${why}`)

export type FieldError = {
  readonly resource: string
  readonly field: string
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom'
  readonly message?: string
}

/** GitHub: "Client errors", validation errors. */
export const validationFailed = (...errors: readonly FieldError[]): Refusal =>
  new Refusal(422, 'Validation Failed', { body: { errors: errors.map((error): Json => ({ ...error })) } })

/** GitHub: REST, redirects. The address names the repo by its id, which outlives every name. */
export const moved = (permanently: boolean, url: string): Refusal =>
  permanently
    ? new Refusal(301, 'Moved Permanently', { body: { url }, headers: { location: url } })
    : new Refusal(307, 'Temporary Redirect', { body: { url }, headers: { location: url } })
