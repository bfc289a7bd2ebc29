/** The healthy previews: a server for each, in a process of their own. Says how many callbacks came whole, and when. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { numberOf } from './payments.ts'

const [count = '40'] = process.argv.slice(2)
/** By preview: the number of a callback -> when it came first, milliseconds since 1970. */
let came: Map<number, number>[] = []
let damaged = 0

const ports = await Promise.all(
  Array.from({ length: Number(count) }, async (_, preview) => {
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const nth = numberOf(Buffer.concat(parts))
        if (nth < 0) damaged += 1
        else if (came[preview]?.has(nth) === false) came[preview].set(nth, performance.timeOrigin + performance.now())
        response.writeHead(200).end()
      })
    })
    server.keepAliveTimeout = 60_000
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }),
)
const forget = () => {
  came = ports.map(() => new Map())
  damaged = 0
}
forget()

process.on('message', (asked) => {
  if (asked === 'forget') forget()
  const count = came.reduce((sum, { size }) => sum + size, 0)
  // The times of all are much: only where they are asked for.
  const times = asked === 'times' ? came.map((each) => [...each]) : []
  process.send?.({ count, damaged, times })
})
process.send?.({ ports })
