/**
 * WeStage's pages forbid every frame. The demo's page shows them in one all the same, by way of this proxy, which lets
 * that one page frame them and changes nothing else of their policy. It reads only.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'

export interface FrameProxy {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  close(): Promise<void>
}

/**
 * @param target WeStage's address
 * @param framedBy the origin of the page that may frame it
 */
export async function startFrameProxy(target: string, framedBy: string): Promise<FrameProxy> {
  const server = createServer((incoming, outgoing) => forward(target, framedBy, incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the frame proxy has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function forward(target: string, framedBy: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.method !== 'GET') {
    incoming.resume()
    outgoing.writeHead(405).end()
    return
  }
  const headers = { ...incoming.headers, host: new URL(target).host, 'accept-encoding': 'identity' }
  const upstream = requestHttp(new URL(incoming.url ?? '/', target), { headers, agent: false })
  upstream.on('response', async (answer) => {
    const policy = String(answer.headers['content-security-policy'] ?? '')
    const framing = policy.replace(/frame-ancestors [^;]*/, `frame-ancestors ${framedBy}`)
    const shown = { ...answer.headers, 'content-security-policy': framing }
    if (!String(answer.headers['content-type']).startsWith('text/html')) {
      outgoing.writeHead(answer.statusCode ?? 502, shown)
      answer.pipe(outgoing)
      return
    }
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const body = Buffer.from(withLinksOut(Buffer.concat(chunks).toString('utf8')))
      outgoing.writeHead(answer.statusCode ?? 502, { ...shown, 'content-length': body.length })
      outgoing.end(body)
    })
  })
  upstream.on('error', () => outgoing.destroy())
  outgoing.on('close', () => upstream.destroy())
  upstream.end()
}

/** Links to other sites open beside the demo's page, not inside of the frame. */
const withLinksOut = (html: string): string =>
  html.replace(/<a ([^>]*?)href="(https?:)/g, '<a $1target="_blank" rel="noreferrer" href="$2')
