/** A worker on a machine of its own: asks the service that had it started for its one work. */
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locateKustomize } from '../adapters/kustomize/find-kustomize.ts'
import { urlBelow } from '../domain/url-below.ts'
import { HERE_MS, UNHEARD_MS } from './here.ts'
import { type FindPlace, serve } from './serve.ts'

export interface ServiceAddress {
  readonly server: URL
  /** Good for one work. */
  readonly token: string
}

/**
 * Does the work that the token is for.
 * @param path where kustomize is looked for
 * @throws {Error} the service does not know the token, or is not there any more
 */
export async function joinService({ server, token }: ServiceAddress, path: string, signal: AbortSignal): Promise<void> {
  const cut = new AbortController()
  const linked = AbortSignal.any([signal, cut.signal])
  const ask = (method: 'GET' | 'POST', route: string): ClientRequest => {
    const url = urlBelow(server, route)
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      // Two connections, so that neither waits for the other, and none that is kept afterwards.
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'POST' && { 'content-type': 'application/x-ndjson' }),
      },
      signal: linked,
    })
    return request.on('error', (error) => cut.abort(error))
  }
  const up = ask('POST', 'said')
  up.flushHeaders()
  up.on('response', (answer: IncomingMessage) => {
    answer.resume()
    if (answer.statusCode !== 204) cut.abort(new Error(`the service does not listen: ${answer.statusCode}`))
  })
  const down = ask('GET', 'work').end()
  down.setTimeout(UNHEARD_MS, () => cut.abort(new Error('nothing was heard of the service for too long')))
  const here = setInterval(() => up.write('{"say":"here"}\n'), HERE_MS)
  try {
    const [frames]: IncomingMessage[] = await once(down, 'response', { signal: linked })
    if (frames?.statusCode !== 200) throw new Error(`the service has no work for this token: ${frames?.statusCode}`)
    await serve(frames, up, linked, ownPlace(path, linked))
    await new Promise<void>((resolve) => up.end(resolve))
  } catch (error) {
    throw linked.aborted ? linked.reason : error
  } finally {
    clearInterval(here)
    up.destroy()
    down.destroy()
  }
}

/** A folder in the temporary folder, and this machine's kustomize. */
const ownPlace =
  (path: string, signal: AbortSignal): FindPlace =>
  async ({ render }) => {
    const folder = await mkdtemp(join(tmpdir(), 'westage-work-'))
    return { folder, kustomize: await locateKustomize({ ...render, path, workDir: folder }, signal) }
  }
