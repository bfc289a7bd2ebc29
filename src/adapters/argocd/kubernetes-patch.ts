import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { errorOfStatus, jsonOf, KubernetesError } from './kubernetes-get.ts'

/**
 * Merges `change` into an object of the current context's cluster (Kubernetes: API concepts, patch; RFC 7386).
 * @returns the object's metadata, all that is asked for of the answer
 * @throws {KubernetesError} any status but 200
 * @throws where it does not answer in time
 */
export async function kubernetesPatch(
  config: KubeConfig,
  path: string,
  change: object,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<unknown> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig has no current context with a cluster')
  const url = new URL(`${cluster.server.replace(/\/+$/, '')}${path}`)
  const body = JSON.stringify(change)
  const options: RequestOptions = {
    method: 'PATCH',
    headers: {
      // Kubernetes: API concepts, receiving metadata alone: an ApplicationSet lists thousands of Applications.
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      'content-type': 'application/merge-patch+json',
      'content-length': Buffer.byteLength(body),
    },
  }
  await config.applyToHTTPSOptions(options)
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = url.protocol === 'http:' ? requestHttp : requestHttps
      request(url, { ...options, signal: AbortSignal.any([signal, limit]) }, resolve)
        .on('error', reject)
        .end(body)
    })
    if (response.statusCode === 200) return await jsonOf(response)
    throw errorOfStatus(await jsonOf(response).catch(() => null), response.statusCode ?? 0)
  } catch (error) {
    signal.throwIfAborted()
    if (!limit.aborted || error instanceof KubernetesError) throw error
    throw new Error(`the Kubernetes API did not answer within ${timeoutMs / 1000} s`, { cause: error })
  }
}
