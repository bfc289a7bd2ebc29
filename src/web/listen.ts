import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'

export interface Listening {
  readonly port: number
  /** Takes no new connection; resolves when the last one is gone. */
  close(): Promise<void>
  /** Ends the connections that are left, whoever reads on them. */
  cut(): void
}

/** How long a request may take to come in whole: a little more than a webhook may. */
const REQUEST_MAX_MS = 15_000

/**
 * Serves `fetch` over HTTP. Whoever takes longer than `requestMaxMs` to send a request, or than 15 s for the headers
 * of one, is answered 408 and cut.
 * @param port 0 for any that is free
 * @throws what the system says, such as EADDRINUSE
 */
export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  {
    host,
    port,
    requestMaxMs = REQUEST_MAX_MS,
  }: {
    readonly host: string
    readonly port: number
    readonly requestMaxMs?: number
  },
): Promise<Listening> {
  const headersMaxMs = Math.min(requestMaxMs, REQUEST_MAX_MS)
  const serverOptions = {
    headersTimeout: headersMaxMs,
    requestTimeout: requestMaxMs,
    connectionsCheckingInterval: headersMaxMs / 5,
  }
  return new Promise((resolve, reject) => {
    const http = serve({ fetch, hostname: host, port, serverOptions }, (address: AddressInfo) =>
      resolve({
        port: address.port,
        close: () => new Promise((done, failed) => http.close((error) => (error ? failed(error) : done()))),
        cut() {
          if ('closeAllConnections' in http) http.closeAllConnections()
        },
      }),
    )
    http.once('error', reject)
  })
}
