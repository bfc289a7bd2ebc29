import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'

/** An answer of the Kubernetes API that is not a success, in its own words. */
export class KubernetesError extends Error {
  /** HTTP status, or the `code` of a Status object. */
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'KubernetesError'
    this.code = code
  }
}

/** Kubernetes: API concepts, Status. */
const StatusSchema = z.object({ message: z.string(), code: z.number() })

/** The error that a Status object stands for; `code` is used where it names none. */
export function errorOfStatus(json: unknown, code: number): KubernetesError {
  const status = StatusSchema.safeParse(json)
  return status.success
    ? new KubernetesError(status.data.code, status.data.message)
    : new KubernetesError(code, `the Kubernetes API answered ${code}`)
}

/**
 * GETs a path of the current context's cluster, with its certificates and credentials. A request of its own rather than
 * the client's list and watch: those can't be aborted before the server answers, and watches leave a connection pool each.
 * @param accept the media types of the answer, the wanted one first
 * @returns the answer with its body unread; aborting `signal` ends that too
 * @throws {KubernetesError} any status but 200
 */
export async function kubernetesGet(
  config: KubeConfig,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  accept = 'application/json',
): Promise<IncomingMessage> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig has no current context with a cluster')
  const url = new URL(`${cluster.server.replace(/\/+$/, '')}${path}?${new URLSearchParams(query)}`)
  const options: RequestOptions = { headers: { accept } }
  await config.applyToHTTPSOptions(options)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'http:' ? requestHttp : requestHttps
    request(url, { ...options, signal }, resolve)
      .on('error', reject)
      .end()
  })
  if (response.statusCode === 200) return response
  throw errorOfStatus(await jsonOf(response).catch(() => null), response.statusCode ?? 0)
}

/** The whole body, parsed. @throws where it is cut or no JSON */
export async function jsonOf(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** Each line of the body as it comes, parsed. @throws where the connection breaks or a line is no JSON */
export async function* jsonLinesOf(response: IncomingMessage): AsyncGenerator<unknown> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
}
