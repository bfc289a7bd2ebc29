import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { listen } from '../../src/web/listen.ts'

it.each([
  ['nothing', ''],
  ['half of its headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['half of its body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabcde'],
])('cuts off whoever sends %s for too long', async (_, text) => {
  const read = async (request: Request) => new Response(await request.text())
  const server = await listen(read, { host: '127.0.0.1', port: 0, requestMaxMs: 500 })
  const socket = connect(server.port, '127.0.0.1')
  let answer = ''
  socket
    .on('error', () => {})
    .on('data', (data) => {
      answer += data.toString('latin1')
    })
  socket.write(text)
  await once(socket, 'close')
  await server.close()
  expect(answer).toMatch(/^HTTP\/1.1 408 /)
})
