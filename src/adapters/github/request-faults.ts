import { z } from 'zod'
import { NotReady, Terminal } from '../../domain/errors.ts'

/** GitHub answered with a status that only the one who asked can judge: a redirect, 404, 422, 5xx. */
export class RequestFailed extends Error {
  /** 0 where there was no answer. */
  readonly status: number
  constructor(message: string, status: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'RequestFailed'
    this.status = status
  }
}

/** The installation is suspended: what it can see is not gone, it can't be seen for now. */
export class Suspended extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Suspended'
  }
}

/** What octokit throws, and what is read of it (@octokit/request-error; credentials are redacted in it). */
const HttpError = z.object({
  name: z.literal('HttpError'),
  message: z.string(),
  status: z.number(),
  response: z.object({ headers: z.record(z.string(), z.unknown()), data: z.unknown() }).optional(),
})
type HttpError = z.output<typeof HttpError>

const Body = z.object({ message: z.string() })

/** An answer of GraphQL whose errors are about rate limits: its status is 200 then. */
const Limited = z.object({
  headers: z.record(z.string(), z.unknown()),
  data: z.object({
    errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1),
  }),
})
/** What @octokit/plugin-throttling throws for such an answer, and `refuseLimited` where it does not. */
const LimitedError = z.object({ response: Limited })

/** GitHub: "Troubleshooting the REST API": wait at least a minute where there is no retry-after. */
const SECONDARY_WAIT_MS = 60_000

/**
 * What a failed request means.
 * @param what the request as errors name it: `POST /repos/acme/shop/check-runs`
 * @param who whether it was sent as the App itself or as one of its installations
 */
export function faultOf(error: unknown, what: string, who: 'app' | 'installation', nowMs: number): Error {
  const parsed = HttpError.safeParse(error)
  const limited = LimitedError.safeParse(error)
  if (!parsed.success && limited.success) {
    const { headers, data } = limited.data.response
    return new NotReady(
      `GitHub's rate limit is used up: ${data.errors[0]?.message}`,
      waitIn(headers, nowMs) ?? SECONDARY_WAIT_MS,
    )
  }
  if (!parsed.success) return error instanceof Error ? error : new Error(`GitHub: ${what} failed`, { cause: error })
  const fault = parsed.data
  const said = saidBy(fault)
  const waitMs = waitOf(fault, said, nowMs)
  if (waitMs !== null) return new NotReady(`GitHub's rate limit is used up: ${said}`, waitMs)
  if (fault.status === 401 && who === 'app') {
    return new Terminal(
      `GitHub does not accept this App's key (${said}): check github.appId and the private key, and this machine's clock.`,
      { whose: 'operator', cause: error },
    )
  }
  if (fault.status === 403) return refusalOf(fault, said, what, error)
  if (fault.response === undefined) return new RequestFailed(`GitHub: ${what}: no answer: ${said}`, 0, error)
  return new RequestFailed(`GitHub: ${what}: ${fault.status} ${said}`, fault.status, error)
}

/** GitHub: "Rate limits for the REST API". @returns how long to wait, null where this is not about rate limits */
function waitOf({ status, response }: HttpError, said: string, nowMs: number): number | null {
  if ((status !== 403 && status !== 429) || response === undefined) return null
  const waitMs = waitIn(response.headers, nowMs)
  if (waitMs !== null) return waitMs
  return status === 429 || /\bsecondary rate\b/i.test(said) ? SECONDARY_WAIT_MS : null
}

/** What the headers of a limited answer say of when to come back, null where they say nothing. */
function waitIn(headers: Readonly<Record<string, unknown>>, nowMs: number): number | null {
  const retryAfterSeconds = Number(headers['retry-after'])
  if (retryAfterSeconds > 0) return retryAfterSeconds * 1000
  const resetSeconds = Number(headers['x-ratelimit-reset'])
  if (String(headers['x-ratelimit-remaining']) !== '0' || !(resetSeconds > 0)) return null
  // One second more: the reset is told in whole seconds.
  return Math.max(0, resetSeconds * 1000 - nowMs) + 1000
}

/**
 * GitHub: "Rate limits and query limits for the GraphQL API": a limit that is hit may be told with status 200.
 * @throws what `faultOf` knows as that
 */
export function refuseLimited(answer: { readonly headers: unknown; readonly data: unknown }): void {
  const parsed = Limited.safeParse(answer)
  if (!parsed.success) return
  const said = parsed.data.data.errors.find(
    ({ type, message }) => type === 'RATE_LIMITED' || /\bsecondary rate\b/i.test(message),
  )
  if (said !== undefined) throw Object.assign(new Error(said.message), { response: answer })
}

/** GitHub: "Troubleshooting the REST API", "Resource not accessible"; REST, Apps, "Suspend an app installation". */
function refusalOf({ response }: HttpError, said: string, what: string, cause: unknown): Error {
  // Without a body of the API's it is something on the way there that refuses, and that may pass.
  if (!Body.safeParse(response?.data).success) return new RequestFailed(`GitHub: ${what}: 403 ${said}`, 403, cause)
  // GitHub tells these apart by nothing but their words.
  if (/\bsuspended\b/i.test(said)) return new Suspended(`GitHub: ${what}: ${said}`, cause)
  const whose = { whose: 'operator', cause } as const
  if (!/not accessible by integration/i.test(said)) return new Terminal(`GitHub refuses ${what}: ${said}`, whose)
  const accepted = response?.headers['x-accepted-github-permissions']
  const needs = typeof accepted === 'string' && accepted !== '' ? `: it needs ${permissionsIn(accepted)}` : ''
  return new Terminal(
    `The GitHub App may not ${what}${needs}. Grant it in the App's settings, and accept it where it is installed.`,
    whose,
  )
}

/** `checks=write; deployments=read`: alternatives between `;`, all of what `,` joins. */
const permissionsIn = (header: string): string =>
  header
    .split(';')
    .map((choice) => choice.trim().replaceAll(',', ' and ').replaceAll('=', ': '))
    .join(', or ')

function saidBy({ response, message }: HttpError): string {
  const body = Body.safeParse(response?.data)
  return body.success ? body.data.message : message
}
