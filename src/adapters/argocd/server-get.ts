import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { rootCertificates } from 'node:tls'
import { z } from 'zod'

export interface ServerAccess {
  /** argocd-server's address, with its root path where it has one, without a trailing slash. */
  readonly url: string
  /** Accepted beside the usual certificate authorities, PEM; '' for those alone. */
  readonly ca: string
  readonly token: string
  /** For connecting and the whole answer together. */
  readonly timeoutMs: number
}

/** An answer of argocd-server that is not a success, in its own words. */
export class ArgoCdServerError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.name = 'ArgoCdServerError'
    this.status = status
  }
}

const MAX_BYTES = 32 * 1024 * 1024
/** Argo CD (grpc-gateway): the body of an error, of a stream's in `error`. */
const MessageSchema = z.object({ message: z.string().min(1) })
const FaultSchema = z.union([MessageSchema, z.object({ error: MessageSchema }).transform(({ error }) => error)])

/**
 * GETs a path of argocd-server's API.
 * @returns the whole body
 * @throws {ArgoCdServerError} any status but 200, a redirect too
 * @throws where it does not answer in time, or with more than 32 MB
 */
export async function serverGet(
  { url, ca, token, timeoutMs }: ServerAccess,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const target = new URL(`${url}${path}?${new URLSearchParams(query)}`)
  const ending = new AbortController()
  const end = () => ending.abort(signal.reason)
  const late = setTimeout(() => ending.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  try {
    signal.throwIfAborted()
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = target.protocol === 'http:' ? requestHttp : requestHttps
      request(target, {
        headers: { accept: 'application/json', authorization: `Bearer ${token}`, 'user-agent': 'WeStage' },
        agent: false,
        signal: ending.signal,
        ...(ca !== '' && { ca: [...rootCertificates, ca] }),
      })
        .on('response', resolve)
        .on('error', reject)
        .end()
    })
    const body = await bodyOf(response)
    if (response.statusCode === 200) return body
    throw errorOf(response, body)
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', end)
    ending.abort()
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`an answer of more than ${MAX_BYTES / 1024 / 1024} MB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function errorOf({ statusCode = 0, headers }: IncomingMessage, body: string): ArgoCdServerError {
  const fault = FaultSchema.safeParse(parsed(body))
  const where = headers.location === undefined ? '' : `, it sends on to ${headers.location}`
  return new ArgoCdServerError(statusCode, fault.success ? fault.data.message : `it answered ${statusCode}${where}`)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
