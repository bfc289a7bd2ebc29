/** What is in front of a service, such as an Ingress: it leads there from below a path of its own, and from nowhere else. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** @param path without a slash behind it */
export async function openFront(path: string, service: string) {
  const server = createServer((asked, answer) => {
    const { url = '', method, headers } = asked
    if (!url.startsWith(`${path}/`)) return answer.writeHead(404).end()
    const onward = request(`${service}${url.slice(path.length)}`, { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(answer)
    })
    onward.on('error', () => answer.writeHead(502).end())
    asked.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
