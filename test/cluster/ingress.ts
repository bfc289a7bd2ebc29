/** The ingress of the tests: a reverse proxy on loopback that follows Ingresses, Services and EndpointSlices. */
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { followCollection } from '../../src/adapters/kubernetes/follow-collection.ts'
import { backendFor, EndpointSliceSchema, endpointsOf, IngressSchema, ServiceSchema } from './ingress-rules.ts'
import { giveAddress } from './ingress-status.ts'
import { isPlayedAddress } from './played-node.ts'

const RELIST_MS = 10 * 60_000
const ANSWER_TIMEOUT_MS = 10_000

export interface RunningIngress {
  /** `127.0.0.1:PORT`; which preview is meant, the Host header says. */
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Answers 404 for a host that no Ingress names, 503 where its Service has no ready pod, 502 where the pod doesn't answer.
 * @param options.port any free one unless given
 */
export async function startIngress(options: { kubeconfigPath: string; port?: number }): Promise<RunningIngress> {
  const config = new KubeConfig()
  config.loadFromFile(options.kubeconfigPath)
  const ended = new AbortController()
  const addressing = new Set<Promise<void>>()
  const address = (ingress: unknown) => {
    const work = giveAddress(config, ingress, ended.signal).finally(() => addressing.delete(work))
    addressing.add(work)
  }
  const { signal } = ended
  const [ingresses, services, slices] = await Promise.all([
    collection(config, '/apis/networking.k8s.io/v1/ingresses', IngressSchema, signal, address),
    collection(config, '/api/v1/services', ServiceSchema, signal),
    collection(config, '/apis/discovery.k8s.io/v1/endpointslices', EndpointSliceSchema, signal),
  ])
  let turn = 0
  const server = createServer((request, response) => {
    const host = (request.headers.host ?? '').replace(/:[0-9]+$/, '')
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    const backend = backendFor(ingresses.items(), host, path)
    if (backend === null) return answer(response, 404, `no Ingress names ${host}${path}`)
    const endpoints = endpointsOf(backend, services.items(), slices.items())
    const endpoint = endpoints[turn++ % endpoints.length]
    const name = `the Service ${backend.namespace}/${backend.service}`
    if (endpoint === undefined) return answer(response, 503, `${name} has no ready pod`)
    if (isPlayedAddress(endpoint.address)) return answer(response, 502, `${name} has played pods, which answer nothing`)
    proxy(request, response, endpoint)
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    ended.abort()
    throw error
  }
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    port,
    async close() {
      ended.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await Promise.all([ingresses.ended, services.ended, slices.ended, ...addressing])
    },
  }
}

function proxy(request: IncomingMessage, response: ServerResponse, to: { address: string; port: number }): void {
  const { method, url, headers } = request
  const options = { host: to.address, port: to.port, method, path: url, headers, timeout: ANSWER_TIMEOUT_MS }
  const asked = httpRequest(options, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.pipe(response)
    answered.on('error', () => response.destroy())
  })
  asked.on('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_TIMEOUT_MS / 1000} s`)))
  asked.on('error', (error) => {
    if (response.headersSent) response.destroy()
    else answer(response, 502, `the pod at ${to.address}:${to.port}: ${error.message}`)
  })
  response.on('close', () => asked.destroy())
  request.pipe(asked)
}

const answer = (response: ServerResponse, status: number, text: string): void => {
  response
    .writeHead(status, { 'content-type': 'text/plain', 'x-westage-test-ingress': String(status) })
    .end(`${text}\n`)
}

const NamedSchema = z.object({ metadata: z.object({ name: z.string(), namespace: z.string() }) })

/** All objects of a kind, kept up to date. Resolves once they were listed for the first time. */
async function collection<Item>(
  config: KubeConfig,
  path: string,
  schema: z.ZodType<Item>,
  signal: AbortSignal,
  onPut: (item: unknown) => void = () => {},
) {
  const known = new Map<string, Item>()
  const keyOf = (item: unknown) => {
    const { namespace, name } = NamedSchema.parse(item).metadata
    return `${namespace}/${name}`
  }
  const put = (item: unknown) => {
    known.set(keyOf(item), schema.parse(item))
    onPut(item)
  }
  let listed = () => {}
  const first = new Promise<void>((resolve) => {
    listed = resolve
  })
  const ended = followCollection(
    config,
    { path, labelSelector: '', relistMs: RELIST_MS },
    {
      replace(items) {
        known.clear()
        for (const item of items) put(item)
        listed()
      },
      put,
      remove: (item) => known.delete(keyOf(item)),
      up() {},
      // It goes on trying, and until then answers by what it knows: so does an ingress whose API server is away.
      down() {},
    },
    signal,
  )
  await Promise.race([first, ended])
  return { items: () => known.values(), ended }
}
