/** One POST to a git service over HTTP (git documentation: gitprotocol-http). */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { Refused, type RefusedWhy } from './errors.ts'
import { linesOf } from './pkt-line.ts'

type GitService = 'git-upload-pack' | 'git-receive-pack'

interface GitCredentials {
  readonly username: string
  readonly password: string
}

export interface GitHttpOptions {
  readonly url: string
  readonly credentials: AskCredentials | null
}

/**
 * Asked before every request, and once more where the server answers 401, with the password that it refused: a token
 * may end, or be revoked, before its time.
 */
export type AskCredentials = (refused?: string) => Promise<GitCredentials>

export interface GitHttp {
  /**
   * @returns the body of a 200 answer
   * @throws {Refused} 401, 403, 404, a redirect, or no git server
   * @throws anything else: the network, or another status
   */
  post(service: GitService, body: Buffer, signal: AbortSignal): Promise<Buffer>
  /** What the server says of itself (git documentation, gitprotocol-http: "Discovering References"); throws the same. */
  discover(service: GitService, signal: AbortSignal): Promise<Buffer>
  close(): void
}

/** git sends a keep-alive packet every 5 s while a hook runs (git documentation, git-config: receive.keepAlive). */
const SILENCE_MAX_MS = 120_000

/**
 * @param url of the repo, without credentials
 * @throws {Refused} the address holds credentials, which would end up in logs
 */
export function openGitHttp({ url, credentials }: GitHttpOptions): GitHttp {
  const address = new URL(url)
  if (address.username !== '' || address.password !== '') {
    throw new Refused('address with credentials', "The git repo's address holds a user name or a password")
  }
  const base = `${address.origin}${address.pathname.replace(/\/+$/, '')}`
  const agent = address.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })

  const once = async (request: Omit<Request, 'authorization'>, signal: AbortSignal, current: GitCredentials | null) => {
    signal.throwIfAborted()
    const asked = { ...request, authorization: current === null ? null : basicOf(current) }
    try {
      return await exchange(base, agent, asked, signal)
    } catch (error) {
      // A push is not sent again before somebody has looked whether it arrived.
      if (!(error instanceof StaleConnection) || request.service === 'git-receive-pack') throw error
      return await exchange(base, agent, asked, signal)
    }
  }

  const ask = async (request: Omit<Request, 'authorization'>, signal: AbortSignal) => {
    const first = credentials === null ? null : await credentials()
    let answer = await once(request, signal, first)
    if (answer.status === 401 && credentials !== null) {
      answer = await once(request, signal, await credentials(first?.password))
    }
    const { status, headers } = answer
    const kind = request.body === null ? 'advertisement' : 'result'
    if (status === 200 && headers['content-type'] === `application/x-${request.service}-${kind}`) return answer.body
    throw refusalOf(answer, base, request.service, credentials !== null)
  }

  return {
    post: (service, body, signal) => ask({ service, body }, signal),
    discover: (service, signal) => ask({ service, body: null }, signal),
    close: () => agent.destroy(),
  }
}

/** The server closed a connection that was kept open between requests, at the moment it was used again. */
class StaleConnection extends Error {}

interface Request {
  readonly service: GitService
  /** null: the server is asked what it can */
  readonly body: Buffer | null
  readonly authorization: string | null
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const basicOf = ({ username, password }: GitCredentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`

const headersOf = ({ service, body, authorization }: Request): Record<string, string | number> => ({
  'user-agent': 'westage', // GitHub refuses requests without one
  ...(body === null
    ? {}
    : {
        'content-type': `application/x-${service}-request`,
        accept: `application/x-${service}-result`,
        'content-length': body.length,
      }),
  // git documentation, gitprotocol-v2; receive-pack has no version 2
  ...(service === 'git-upload-pack' ? { 'git-protocol': 'version=2' } : {}),
  ...(authorization === null ? {} : { authorization }),
})

function exchange(base: string, agent: HttpAgent, asked: Request, signal: AbortSignal): Promise<Answer> {
  const { service, body } = asked
  const url = body === null ? `${base}/info/refs?service=${service}` : `${base}/${service}`
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      // Node's documentation, request.reusedSocket: whoever keeps connections has to expect it.
      const isStale = request.reusedSocket && !isAnswered && isReset(cause)
      const Failure = isStale ? StaleConnection : Error
      reject(signal.aborted ? signal.reason : new Failure(`${url}: ${messageOf(cause)}`, { cause }))
    }
    let isAnswered = false
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const options = { method: body === null ? 'GET' : 'POST', agent, signal, headers: headersOf(asked) }
    const request = send(url, options, (response) => {
      isAnswered = true
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail) // a connection that ends early is an error here too
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.setTimeout(SILENCE_MAX_MS, () => request.destroy(new Error(`no answer for ${SILENCE_MAX_MS / 1000} s`)))
    request.on('error', fail)
    request.end(body ?? undefined)
  })
}

const isReset = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function refusalOf(
  { status, headers, body }: Answer,
  url: string,
  service: GitService,
  hasCredentials: boolean,
): Error {
  const isText = (headers['content-type'] ?? '').startsWith('text/plain')
  const details = isText ? linesOf(body.toString('utf8', 0, 4000)).slice(0, 10) : []
  const refused = (why: RefusedWhy, message: string) => new Refused(why, message, details)
  const isReading = service === 'git-upload-pack'
  if (status === 401) {
    return hasCredentials
      ? refused('credentials refused', `The git repo ${url} does not accept the credentials (401)`)
      : refused('credentials missing', `The git repo ${url} wants credentials (401)`)
  }
  if (status === 403) {
    const what = isReading ? 'reading' : 'writing to'
    return refused(
      isReading ? 'no right to read' : 'no right to write',
      `The git server does not permit ${what} the repo ${url} (403${said(details)})`,
    )
  }
  if (status === 404) {
    return refused('not found', `The git repo ${url} is not there, or not to be seen with these credentials (404)`)
  }
  if (status >= 300 && status < 400) {
    const location = headers.location ?? ''
    const target = URL.canParse(location, url) ? new URL(location, url) : null
    const to = target === null ? '' : ` to ${target.origin}${target.pathname}`
    return refused('moved', `The git repo ${url} has moved${to} (${status})`)
  }
  if (status === 200) return refused('not a git repo', `${url} is not the address of a git repo`)
  return new Error(`${url}/${service} answered ${status}${said(details)}`)
}

const said = (words: readonly string[]): string => (words[0] === undefined ? '' : `: ${words[0]}`)
