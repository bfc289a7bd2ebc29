/** What WeHook is compared with: takes a callback, answers, and hands it on with undici. Nothing is kept or tried again. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'

const targets = process.argv.slice(2)
const agent = new Agent({ connections: 8 })
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts)
    response.writeHead(200).end()
    for (const target of targets) void hand(target, body)
  })
})

async function hand(target: string, body: Buffer): Promise<void> {
  try {
    const { origin, pathname } = new URL(target)
    const headers = ['Content-Type', 'application/json']
    const answer = await agent.request({ origin, path: pathname, method: 'POST', headers, body })
    await answer.body.dump()
  } catch {
    // It is dead.
  }
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', () => process.send?.({ peakBytes: 0 }))
