/** What WeHook does not take: that it says so, and counts it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { listen } from '../../src/web/listen.ts'
import { hooks, type Unready } from '../../src/wehook/hooks.ts'
import { openLevelStore } from '../../src/wehook/level-store.ts'
import { weHookMetrics } from '../../src/wehook/metrics.ts'
import type { Source } from '../../src/wehook/source.ts'
import { called, type GivenWeHook, givenWeHook, STRIPE, stripeSignature } from './given.ts'

const BODY = Buffer.from('{"id":"evt_1"}')

let here: GivenWeHook | null = null
const sockets: Socket[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const socket of sockets.splice(0)) socket.destroy()
  await here?.close()
  here = null
})

const SEGMENT = '4f1c77a09b2e4f1c77a09b2e'

const given = (settings: object = {}) => {
  const sources = [
    { name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] },
    { name: 'elsewhere', check: 'stripe', secrets: ['STRIPE_SECRET'], from: ['192.0.2.0/24'] },
    { name: 'near', check: 'stripe', secrets: ['STRIPE_SECRET'], from: ['192.0.2.0/24', '127.0.0.0/8'] },
    { name: 'asks', check: 'none', secrets: ['SEGMENT'], methods: ['GET'] },
  ]
  return givenWeHook([{ pull: 1, callbacks: [STRIPE] }], { sources, ...settings }, { SEGMENT })
}

/** Sends the beginning of a body that is to be so long, and no more. @returns what was answered so far */
function begin(port: number, length: number, sent: Buffer, headers: readonly string[] = []) {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  socket.on('error', () => {})
  const lines = ['POST /hooks/stripe HTTP/1.1', 'Host: hooks.test', `Content-Length: ${length}`, ...headers]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(sent)
  return { socket, answer: () => answer }
}
const portOf = (wehook: GivenWeHook) => Number(new URL(wehook.url()).port)

const counted = async (wehook: GivenWeHook, source: string, result: string) => {
  const line = `wehook_callbacks_total{source="${source}",result="${result}"} `
  const text = await (await wehook.get('/metrics')).text()
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.slice(line.length) ?? 0,
  )
}

const signed = (signature: string) => ({ body: BODY, headers: ['Stripe-Signature', signature] })

it.each<[string, number, Parameters<GivenWeHook['call']>[0]]>([
  ['unsigned', 401, { body: BODY }],
  ['forged', 401, signed(stripeSignature(BODY, Date.now(), 'another secret'))],
  ['forged', 401, signed(stripeSignature(Buffer.concat([BODY, BODY])))],
  ['stale', 401, signed(stripeSignature(BODY, Date.now() - 600_000))],
  ['too large', 413, { body: Buffer.alloc(1_000_001) }],
  ['method', 405, { method: 'PUT', body: BODY }],
  ['path', 400, { path: '/hooks/stripe/a/%2e%2e/b', body: BODY }],
  ['address', 403, { path: '/hooks/elsewhere', body: BODY }],
  ['body of a GET', 400, { path: `/hooks/asks/${SEGMENT}`, method: 'GET', body: BODY }],
])('counts what is refused as %s, and answers %i', async (result, status, call) => {
  here = await given()
  expect((await here.call(call)).status).toBe(status)
  const source = call.path?.split('/')[2] ?? 'stripe'
  expect(await counted(here, source, result)).toBe(1)
  expect(await counted(here, source, 'kept')).toBe(0)
})

it('takes what comes from an address that is allowed', async () => {
  here = await given()
  expect((await here.pay(BODY, { path: '/hooks/near' })).status).toBe(200)
})

it('counts what comes twice, and answers 409', async () => {
  here = await given()
  const twice = signed(stripeSignature(BODY))
  expect([(await here.call(twice)).status, (await here.call(twice)).status]).toEqual([200, 409])
  expect(await counted(here, 'stripe', 'replayed')).toBe(1)
})

it('counts a body that is cut short, and hands on nothing of it', async () => {
  const wehook = await given()
  here = wehook
  const { socket } = begin(portOf(wehook), 1000, BODY)
  await new Promise<void>((resolve) => socket.end(resolve))
  await wehook.until(async () => expect(await counted(wehook, 'stripe', 'cut short')).toBe(1))
  expect(wehook.apps.reached(1)).toEqual([])
})

it('counts a body that does not end, and answers 408', async () => {
  here = await given()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { answer } = begin(portOf(here), 1000, BODY)
  while (answer() === '') {
    await vi.advanceTimersByTimeAsync(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  vi.useRealTimers()
  expect(answer()).toMatch(/^HTTP\/1.1 408 /)
  expect(await counted(here, 'stripe', 'too slow')).toBe(1)
})

it('answers 413 to a body that is too large and did not say so, and takes what comes by the same connection', async () => {
  const wehook = await given()
  here = wehook
  const { socket, answer } = begin(portOf(wehook), BODY.length, BODY, [`Stripe-Signature: ${stripeSignature(BODY)}`])
  const isAnswered = (words: RegExp) => vi.waitFor(() => expect(answer()).toMatch(words), { timeout: 10_000 })
  await isAnswered(/^HTTP\/1.1 200 /)
  const large = Buffer.alloc(1_100_000).toString('latin1')
  socket.write(`POST /hooks/stripe HTTP/1.1\r\nHost: hooks.test\r\nTransfer-Encoding: chunked\r\n\r\n`)
  socket.write(`${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`)
  await isAnswered(/\nHTTP\/1.1 413 /)
  socket.write('POST /hooks/stripe HTTP/1.1\r\nHost: hooks.test\r\nContent-Length: 0\r\n\r\n')
  await isAnswered(/\nHTTP\/1.1 401 /)
})

it('counts what there is no room for, and answers 503', async () => {
  here = await given({ maxBytes: 1000 })
  expect((await here.pay(Buffer.alloc(2000))).status).toBe(503)
  expect(await counted(here, 'stripe', 'full')).toBe(1)
})

const ANY: Source = {
  ...{ name: 'stripe', check: () => ({ mark: null }), maxBytes: 1_000_000, segments: [], methods: new Set(['POST']) },
  mayCall: () => true,
}

/** `/hooks` with a disk that takes its time: what comes is kept once it is told to go on. */
async function givenSlowDisk(unready: Unready | null) {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const store = await openLevelStore({ folder, maxBytes: 10 ** 8, holdMs: 3_600_000, lockedMs: 0, broke: () => {} })
  const metrics = weHookMetrics()
  let isHeld = true
  const held: (() => void)[] = []
  const app = new Hono().route(
    '/hooks',
    hooks({
      ...{ unready: () => unready, sources: [ANY], now: Date.now, totalMaxBytes: 1_100_000, failed: () => {} },
      store: {
        ...store,
        async keep(arrived) {
          if (isHeld) await new Promise<void>((resolve) => held.push(resolve))
          return await store.keep(arrived)
        },
      },
      counted: metrics.callback,
    }),
  )
  const server = await listen(app.fetch, { host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    await store.close()
    await rm(folder, { recursive: true })
  })
  return {
    call: (body: Buffer) => called(server.port, { body }),
    waits: () => held.length,
    goOn() {
      isHeld = false
      for (const resolve of held) resolve()
    },
    counts: async () => (await metrics.printed({ listAgeSeconds: null, listeners: 0, storedBytes: 0 })).text,
  }
}

it('counts what comes before it is known which previews run, and answers 503', async () => {
  const { call, counts } = await givenSlowDisk('not ready')
  expect((await call(BODY)).status).toBe(503)
  expect(await counts()).toContain('wehook_callbacks_total{source="stripe",result="not ready"} 1')
})

it('takes what is coming in when it is told to stop, and answers 503 to what comes after that by the same connection', async () => {
  const wehook = await given()
  here = wehook
  const paid = Buffer.concat([BODY, BODY])
  const headers = [`Stripe-Signature: ${stripeSignature(paid)}`, 'Expect: 100-continue']
  const { socket, answer } = begin(portOf(wehook), paid.length, BODY, headers)
  const isAnswered = (words: RegExp) => vi.waitFor(() => expect(answer()).toMatch(words), { timeout: 10_000 })
  await isAnswered(/ 100 Continue/) // it is being read
  const stopped = wehook.stop()
  socket.write(BODY)
  await isAnswered(/\nHTTP\/1.1 200 /)
  socket.write('POST /hooks/stripe HTTP/1.1\r\nHost: hooks.test\r\nContent-Length: 0\r\n\r\n')
  await isAnswered(/\nHTTP\/1.1 503 [\s\S]*WeHook is being stopped/)
  await stopped
  await wehook.restart()
  await wehook.until(() => expect(wehook.apps.reached(1).map(({ body }) => body)).toEqual([paid]))
})

it('takes no more bodies while those that wait for the disk are as many bytes as may be', async () => {
  const { call, waits, goOn, counts } = await givenSlowDisk(null)
  const first = call(Buffer.alloc(600_000))
  await vi.waitFor(() => expect(waits()).toBe(1), { timeout: 10_000 })
  expect(await call(Buffer.alloc(600_000))).toEqual({ status: 503, body: 'Too much is being sent at once\n' })
  goOn()
  expect((await first).status).toBe(200)
  expect((await call(Buffer.alloc(600_000))).status).toBe(200)
  expect(await counts()).toContain('wehook_callbacks_total{source="stripe",result="too many"} 1')
})
