/** One POST to a git service over HTTP (git documentation: gitprotocol-http). */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { Terminal } from '../../domain/errors.ts'
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
   * @throws {Terminal} (operator) 401, 403, 404, a redirect, or no git server
   * @throws anything else: the network, or another status
   */
  post(service: GitService, body: Buffer, signal: AbortSignal): Promise<Buffer>
  close(): void
}

/** git sends a keep-alive packet every 5 s while a hook runs (git documentation, git-config: receive.keepAlive). */
const SILENCE_MAX_MS = 120_000

/**
 * @param url of the repo, without credentials
 * @throws {Terminal} (operator) the address holds credentials, which would end up in logs
 */
export function openGitHttp({ url, credentials }: GitHttpOptions): GitHttp {
  const address = new URL(url)
  if (address.username !== '' || address.password !== '') {
    throw new Terminal('gitops.url holds a user name or a password: give the token apart from it', OPERATOR)
  }
  const base = `${address.origin}${address.pathname.replace(/\/+$/, '')}`
  const agent = address.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })

  const once = async (service: GitService, body: Buffer, signal: AbortSignal, current: GitCredentials | null) => {
    const authorization = current === null ? null : basicOf(current)
    signal.throwIfAborted()
    return await exchange(`${base}/${service}`, agent, headersOf(service, authorization), body, signal)
  }

  return {
    async post(service, body, signal) {
      const first = credentials === null ? null : await credentials()
      let answer = await once(service, body, signal, first)
      if (answer.status === 401 && credentials !== null) {
        answer = await once(service, body, signal, await credentials(first?.password))
      }
      const { status, headers } = answer
      if (status === 200 && headers['content-type'] === `application/x-${service}-result`) return answer.body
      throw refusalOf(answer, base, service, credentials !== null)
    },
    close: () => agent.destroy(),
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const OPERATOR = { whose: 'operator' } as const

const basicOf = ({ username, password }: GitCredentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`

const headersOf = (service: GitService, authorization: string | null): Record<string, string> => ({
  'user-agent': 'westage', // GitHub refuses requests without one
  'content-type': `application/x-${service}-request`,
  accept: `application/x-${service}-result`,
  // git documentation, gitprotocol-v2; receive-pack has no version 2
  ...(service === 'git-upload-pack' ? { 'git-protocol': 'version=2' } : {}),
  ...(authorization === null ? {} : { authorization }),
})

function exchange(
  url: string,
  agent: HttpAgent,
  headers: Record<string, string>,
  body: Buffer,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(signal.aborted ? signal.reason : new Error(`${url}: ${messageOf(cause)}`, { cause }))
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const options = { method: 'POST', agent, signal, headers: { ...headers, 'content-length': body.length } }
    const request = send(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail) // a connection that ends early is an error here too
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.setTimeout(SILENCE_MAX_MS, () => request.destroy(new Error(`no answer for ${SILENCE_MAX_MS / 1000} s`)))
    request.on('error', fail)
    request.end(body)
  })
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function refusalOf(
  { status, headers, body }: Answer,
  url: string,
  service: GitService,
  hasCredentials: boolean,
): Error {
  const isText = (headers['content-type'] ?? '').startsWith('text/plain')
  const details = isText ? linesOf(body.toString('utf8', 0, 4000)).slice(0, 10) : []
  const terminal = (message: string) => new Terminal(message, { ...OPERATOR, details })
  const wanted = service === 'git-upload-pack' ? 'read' : 'write'
  if (status === 401) {
    return terminal(
      hasCredentials
        ? `The GitOps repo ${url} does not accept WeStage's credentials (401): renew the token, or check gitops.auth.`
        : `The GitOps repo ${url} wants credentials (401): set gitops.auth, and the token that it needs.`,
    )
  }
  if (status === 403) {
    return terminal(
      `WeStage may not ${wanted} the GitOps repo ${url} (403${said(details)}): give its App or token "contents: write" there.`,
    )
  }
  if (status === 404) {
    return terminal(
      `The GitOps repo ${url} is not there, or not to be seen with these credentials (404): check gitops.url, and that the App is installed on it.`,
    )
  }
  if (status >= 300 && status < 400) {
    const location = headers.location ?? ''
    const target = URL.canParse(location, url) ? new URL(location, url) : null
    const to = target === null ? '' : ` to ${target.origin}${target.pathname}`
    return terminal(`The GitOps repo ${url} has moved${to} (${status}): change gitops.url.`)
  }
  if (status === 200) return terminal(`${url} is not the address of a git repo: check gitops.url.`)
  return new Error(`${url}/${service} answered ${status}${said(details)}`)
}

const said = (words: readonly string[]): string => (words[0] === undefined ? '' : `: ${words[0]}`)
