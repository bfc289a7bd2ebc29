/** One POST to a git service over HTTP (git documentation: gitprotocol-http). */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { abortedWhenAny } from './abort-signals.ts'
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
  /** How long a server may say nothing, two minutes where it is not given. */
  readonly silenceMaxMs?: number
}

/**
 * Asked before every request, and once more where the server answers 401, with the password that it refused: a token
 * may end, or be revoked, before its time.
 */
export type AskCredentials = (refused?: string) => Promise<GitCredentials>

export interface GitHttp {
  /**
   * @param endOf where the body may end for the caller, null where it has to go on; what comes after is let come, and
   *   thrown away
   * @returns the body of a 200 answer
   * @throws {Refused} 401, 403, 404, a redirect, or no git server
   * @throws anything else: the network, or another status
   */
  post(service: GitService, body: Buffer, signal: AbortSignal, endOf?: EndOf): Promise<Buffer>
  /**
   * The same for an answer that may be long.
   * @param take gets the body of a 200 answer piece by piece, as it comes
   * @throws the same, and what `take` throws
   */
  pieces(service: GitService, body: Buffer, signal: AbortSignal, take: TakePiece): Promise<void>
  /** What the server says of itself (git documentation, gitprotocol-http: "Discovering References"); throws the same. */
  discover(service: GitService, signal: AbortSignal): Promise<Buffer>
  /** Nothing is asked any more. An answer of which enough came still comes to its end: the server may be at work. */
  close(): void
}

type EndOf = (answer: Buffer) => number | null
type TakePiece = (piece: Buffer) => void

/** git sends a keep-alive packet every 5 s while a hook runs (git documentation, git-config: receive.keepAlive). */
const SILENCE_MAX_MS = 120_000

/**
 * @param url of the repo, without credentials
 * @throws {Refused} the address holds credentials, which would end up in logs
 */
export function openGitHttp({ url, credentials, silenceMaxMs = SILENCE_MAX_MS }: GitHttpOptions): GitHttp {
  const address = new URL(url)
  if (address.username !== '' || address.password !== '') {
    throw new Refused('address with credentials', "The git repo's address holds a user name or a password")
  }
  const base = `${address.origin}${address.pathname.replace(/\/+$/, '')}`
  const agent = address.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })

  let isClosed = false
  let underWay = 0
  const exchanged = (asked: Request, signal: AbortSignal): Promise<Answer> => {
    underWay += 1
    const { answer, ended } = exchange({ base, agent, silenceMaxMs }, asked, signal)
    void ended.then(() => {
      underWay -= 1
      if (isClosed && underWay === 0) agent.destroy()
    })
    return answer
  }

  const once = async (request: Omit<Request, 'authorization'>, signal: AbortSignal, current: GitCredentials | null) => {
    signal.throwIfAborted()
    const asked = { ...request, authorization: current === null ? null : basicOf(current) }
    try {
      return await exchanged(asked, signal)
    } catch (error) {
      // A push is not sent again before somebody has looked whether it arrived.
      if (!(error instanceof StaleConnection) || request.service === 'git-receive-pack') throw error
      return await exchanged(asked, signal)
    }
  }

  const ask = async (request: Omit<Request, 'authorization'>, signal: AbortSignal) => {
    const first = credentials === null ? null : await credentials()
    let answer = await once(request, signal, first)
    if (answer.status === 401 && credentials !== null) {
      answer = await once(request, signal, await credentials(first?.password))
    }
    if (isGitsOwn(answer, request)) return answer.body
    throw refusalOf(answer, base, request.service, credentials !== null)
  }

  return {
    post: (service, body, signal, endOf = WHOLE) => ask({ service, body, endOf, take: null }, signal),
    pieces: async (service, body, signal, take) => void (await ask({ service, body, endOf: WHOLE, take }, signal)),
    discover: (service, signal) => ask({ service, body: null, endOf: WHOLE, take: null }, signal),
    close: () => {
      isClosed = true
      if (underWay === 0) agent.destroy()
    },
  }
}

/** The server closed a connection that was kept open between requests, at the moment it was used again. */
class StaleConnection extends Error {}

const WHOLE: EndOf = () => null

interface Request {
  readonly service: GitService
  readonly endOf: EndOf
  /** Gets the body instead of the answer, null where the answer has it. */
  readonly take: TakePiece | null
  /** null: the server is asked what it can */
  readonly body: Buffer | null
  readonly authorization: string | null
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const isGitsOwn = ({ status, headers }: Omit<Answer, 'body'>, { service, body }: Pick<Request, 'service' | 'body'>) =>
  status === 200 && headers['content-type'] === `application/x-${service}-${body === null ? 'advertisement' : 'result'}`

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

interface Exchange {
  readonly answer: Promise<Answer>
  /** Resolves when the server has nothing more to say. */
  readonly ended: Promise<void>
}

interface Line {
  /** The repo's address. */
  readonly base: string
  readonly agent: HttpAgent
  readonly silenceMaxMs: number
}

function exchange({ base, agent, silenceMaxMs }: Line, asked: Request, caller: AbortSignal): Exchange {
  const { service, body, endOf, take } = asked
  const url = body === null ? `${base}/info/refs?service=${service}` : `${base}/${service}`
  const { signal, release } = abortedWhenAny([caller])
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const answer = new Promise<Answer>((resolve, reject) => {
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
      const { statusCode: status = 0, headers } = response
      let chunks: Buffer[] | null = []
      const takes = take !== null && isGitsOwn({ status, headers }, asked) ? take : null
      const hand = (chunk: Buffer, to: TakePiece) => {
        try {
          to(chunk)
        } catch (error) {
          reject(error)
          response.destroy()
        }
      }
      response.on('data', (chunk: Buffer) => {
        if (takes !== null) return hand(chunk, takes)
        if (chunks === null) return
        chunks.push(chunk)
        if (endOf === WHOLE) return
        const body = Buffer.concat(chunks)
        const enough = status === 200 ? endOf(body) : null
        if (enough === null) return
        chunks = null
        release() // whoever asked may go now without taking the rest from the server
        resolve({ status, headers, body: body.subarray(0, enough) })
      })
      response.on('error', fail) // a connection that ends early is an error here too
      response.on('end', () => {
        if (chunks !== null) resolve({ status, headers, body: Buffer.concat(chunks) })
      })
    })
    request.setTimeout(silenceMaxMs, () => request.destroy(new Error(`no answer for ${silenceMaxMs / 1000} s`)))
    request.on('error', fail)
    request.on('close', () => {
      release()
      end()
    })
    request.end(body ?? undefined)
  })
  return { answer, ended }
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
