import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { errorOfStatus, jsonOf, KubernetesError } from './kubernetes-get.ts'

export interface KubernetesRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  /** Of the collection or the object, without a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** A whole object; for PATCH what is merged into it (RFC 7386). */
  readonly body?: object
  /** The media types of the answer, the wanted one first; JSON where it is not given. */
  readonly accept?: string
}

/**
 * Asks the current context's cluster for a change. A request of its own, for the reason that kubernetesGet has.
 * @returns the answer, parsed
 * @throws {KubernetesError} any status but a success
 * @throws where it does not answer in time; the change may have been made all the same
 */
export async function kubernetesSend(
  config: KubeConfig,
  { method, path, query = {}, body, accept = 'application/json' }: KubernetesRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<unknown> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig has no current context with a cluster')
  const url = new URL(`${cluster.server.replace(/\/+$/, '')}${path}?${new URLSearchParams(query)}`)
  const text = body === undefined ? '' : JSON.stringify(body)
  const options: RequestOptions = {
    method,
    headers: {
      accept,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      'content-length': Buffer.byteLength(text),
    },
  }
  await config.applyToHTTPSOptions(options)
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = url.protocol === 'http:' ? requestHttp : requestHttps
      request(url, { ...options, signal: AbortSignal.any([signal, limit]) }, resolve)
        .on('error', reject)
        .end(text)
    })
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return await jsonOf(response)
    throw errorOfStatus(await jsonOf(response).catch(() => null), status)
  } catch (error) {
    signal.throwIfAborted()
    if (!limit.aborted || error instanceof KubernetesError) throw error
    throw new Error(`the Kubernetes API did not answer within ${timeoutMs / 1000} s`, { cause: error })
  }
}
