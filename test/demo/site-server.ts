/** The demo's one address: the page, and beside it git over HTTP, as github.com has both. On loopback only. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { GitProxy } from './git-proxy.ts'
import { Unusable } from './tools-here.ts'

type Fetch = (request: Request) => Response | Promise<Response>

export interface SiteServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  serveGit(proxy: GitProxy): void
  servePages(fetch: Fetch): void
  close(): Promise<void>
}

/**
 * Listens at once, because its address is in the links that everything else is told; it has pages and git when they
 * are given.
 * @throws {Unusable} the port is in use
 */
export async function startSiteServer(port: number): Promise<SiteServer> {
  let git: GitProxy | null = null
  let pages: Fetch = () => new Response('Not ready yet\n', { status: 503 })
  const listener = getRequestListener((request) => pages(request))
  let host = ''
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // A site elsewhere whose name was pointed at this machine would come with a host of its own.
    if (incoming.headers.host !== host) {
      incoming.resume()
      outgoing.writeHead(421, { 'content-type': 'text/plain' }).end(`The demo is at http://${host}/\n`)
      return
    }
    if (git?.answer(incoming, outgoing) !== true) void listener(incoming, outgoing)
  }
  const server = createServer(answer).listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Unusable(`The demo can't listen on port ${port}: ${why}`, { cause })
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the demo has no port')
  host = `127.0.0.1:${address.port}`
  return {
    origin: `http://${host}`,
    serveGit: (proxy) => {
      git = proxy
    },
    servePages: (fetch) => {
      pages = fetch
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
