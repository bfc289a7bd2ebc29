import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'

export interface Listening {
  readonly port: number
  /** Takes no new connection; resolves when the last one is gone. */
  close(): Promise<void>
  /** Ends the connections that are left, whoever reads on them. */
  cut(): void
}

/** Serves `fetch` over HTTP. @param port 0 for any that is free @throws what the system says, such as EADDRINUSE */
export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const http = serve({ fetch, hostname: host, port }, (address: AddressInfo) =>
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
