/** One try to hand a callback over, by what previews answer. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openHttpAttempts } from '../../src/wehook/http-attempt.ts'
import { openSilentAddress } from '../servers/silent-address.ts'

const TIMEOUT_MS = 300

/** A preview that answers so, and what hands it a callback. */
async function given(answer: (response: ServerResponse) => void, timeoutMs = TIMEOUT_MS) {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return handing(port, 'http://shop.test/', timeoutMs)
}

/** What hands a callback to whom is at a port. */
function handing(port: number, url: string, timeoutMs: number) {
  const attempts = openHttpAttempts({ address: { ip: '127.0.0.1', port }, timeoutMs })
  onTestFinished(() => attempts.close())
  const name = 'shop/pr-1 stripe /'
  const listener = { name, preview: 'shop/pr-1', source: 'stripe', url: new URL(url), host: null }
  const about = { id: '1', source: 'stripe', receivedAtMs: 0, method: 'POST', suffix: '', headers: [], mark: null }
  return (signal: AbortSignal) =>
    attempts.attempt({ ...listener, sinceMs: 0 }, { ...about, body: Buffer.from('{}') }, 1, signal)
}

/** Hands a callback to a preview that answers so. */
const handed = async (answer: (response: ServerResponse) => void, { signal } = new AbortController()) =>
  (await given(answer))(signal)

/** Again and again, until the connection is gone. */
function repeat(response: ServerResponse, what: () => void): void {
  const timer = setInterval(what, TIMEOUT_MS / 10)
  response.once('close', () => clearInterval(timer))
}

it('is over soon after the head of an answer whose body does not end, and as good as that says', async () => {
  const answer = await handed((response) => {
    response.writeHead(202)
    repeat(response, () => response.write('.'))
  })
  expect(answer).toEqual({ kind: 'taken', words: '202' })
})

it('is as good as the status of an answer that is larger than is read', async () => {
  expect(await handed((response) => response.end(Buffer.alloc(1_000_000)))).toEqual({ kind: 'taken', words: '200' })
})

it('is over where a preview says again and again that it is at it', async () => {
  const answer = await handed((response) => repeat(response, () => response.writeProcessing()))
  expect(answer).toEqual({ kind: 'unreached', words: 'did not answer in time' })
})

it('is over where a preview says nothing', async () => {
  expect(await handed(() => {})).toEqual({ kind: 'unreached', words: 'did not answer in time' })
})

it.each([
  ['before it is answered', (_: ServerResponse, end: () => void) => end()],
  ['before its answer is whole', (response: ServerResponse, end: () => void) => response.write('.', end)],
] as const)('that is ended %s is not taken, and says why it was ended', async (_, answer) => {
  const ending = new AbortController()
  const end = () => ending.abort(new Error('others had to wait'))
  const answered = await handed((response) => answer(response, end), ending)
  expect(answered).toEqual({ kind: 'unreached', words: 'others had to wait' })
})

it('that is ended while its connection is being made is over, and says why it was ended', async () => {
  const address = await openSilentAddress()
  onTestFinished(() => address.close())
  const ending = new AbortController()
  const answered = handing(address.port, 'http://shop.test/', 60_000)(ending.signal)
  ending.abort(new Error('others had to wait'))
  expect(await answered).toEqual({ kind: 'unreached', words: 'others had to wait' })
})

it('that is ended while TLS is not agreed on is over, and says why it was ended', async () => {
  const server = createTcpServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const ending = new AbortController()
  const connected = once(server, 'connection')
  const answered = handing(port, 'https://shop.test/', 60_000)(ending.signal)
  await connected
  ending.abort(new Error('others had to wait'))
  expect(await answered).toEqual({ kind: 'unreached', words: 'others had to wait' })
})

it('that was ended before it began reaches nobody', async () => {
  let reached = 0
  const ending = new AbortController()
  ending.abort(new Error('others had to wait'))
  const answer = await handed((response) => {
    reached += 1
    response.end()
  }, ending)
  expect(answer).toEqual({ kind: 'unreached', words: 'others had to wait' })
  expect(reached).toBe(0)
})

it('waits for no other that its preview is at, however many those are', async () => {
  const MANY = 20
  const held: ServerResponse[] = []
  const hand = await given((response) => {
    if (held.push(response) === MANY) for (const each of held) each.end()
  }, 10_000)
  const answers = await Promise.all(Array.from({ length: MANY }, () => hand(new AbortController().signal)))
  expect(new Set(answers.map(({ words }) => words))).toEqual(new Set(['200']))
})
