import { connect } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { allExamples, deliver, examplesOf, givenServer, SECRET, signatureOf } from './given.ts'
import { type Listening, listen } from './listen.ts'

const [example = {}] = examplesOf('pull_request').filter(({ action }) => action === 'labeled')
const LABELED = JSON.stringify(example)
const MB = 1024 * 1024

describe('a webhook', () => {
  it('is answered with 202 and noted', async () => {
    const { app, told } = givenServer()
    expect((await deliver(app, 'pull_request', LABELED)).status).toBe(202)
    expect(told.keys).toEqual([{ repositoryId: 186853002, pull: 2, app: 'shop' }])
    expect(told.lines).toEqual(['webhook pull_request 72d3162e-cc78-11e3-81ab-4c9367dc0958: 1 preview'])
  })

  it('of an installation has everything looked at', async () => {
    const { app, told } = givenServer()
    const [body] = examplesOf('installation').map((payload) => JSON.stringify(payload))
    expect((await deliver(app, 'installation', body ?? '')).status).toBe(202)
    expect(told).toMatchObject({ resyncs: 1, keys: [] })
  })

  it.each(['push', 'push of Gitea'])(
    'of a %s to the GitOps branch has it looked at, and names no preview',
    async (by) => {
      const { app, told } = givenServer()
      const repository = { full_name: 'acme/previews', clone_url: 'https://git.test/acme/previews.git' }
      const body = JSON.stringify({ ...examplesOf('push')[0], ref: 'refs/heads/main', repository })
      const hex = signatureOf(body).slice('sha256='.length)
      // Gitea and Forgejo send these beside GitHub's.
      const more = { 'x-gitea-event': 'push', 'x-gitea-signature': hex }
      expect((await deliver(app, 'push', body, by === 'push' ? {} : more)).status).toBe(202)
      expect(told).toMatchObject({ looks: 1, keys: [], resyncs: 0 })
      expect(told.lines).toEqual(['webhook push 72d3162e-cc78-11e3-81ab-4c9367dc0958: gitops'])
      const other = JSON.stringify({ ...examplesOf('push')[0], ref: 'refs/heads/other', repository })
      expect((await deliver(app, 'push', other)).status).toBe(204)
      expect(told).toMatchObject({ looks: 1, keys: [], resyncs: 0 })
    },
  )

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['of another secret', `sha256=${'0'.repeat(64)}`],
    ['of another body', signatureOf('{}')],
    ['cut short', signatureOf(LABELED).slice(0, -2)],
    ['with more behind it', `${signatureOf(LABELED)}00`],
    ['of SHA-1', `sha1=${signatureOf(LABELED).slice(7)}`],
    ['the secret itself', SECRET],
  ])('is refused with a signature that is %s', async (_, signature) => {
    const { app, told } = givenServer()
    const headers = { 'content-type': 'application/json', 'x-github-event': 'pull_request' }
    const answer = await app.request('/webhook', {
      method: 'POST',
      body: LABELED,
      headers: signature === undefined ? headers : { ...headers, 'x-hub-signature-256': signature },
    })
    expect(answer.status).toBe(401)
    expect(told).toMatchObject({ keys: [], failures: [] })
  })

  it('is signed over its bytes, not over what they parse to', async () => {
    const { app } = givenServer()
    const spaced = JSON.stringify(example, null, 2)
    expect((await deliver(app, 'pull_request', spaced)).status).toBe(202)
    const wrong = { 'x-hub-signature-256': signatureOf(LABELED) }
    expect((await deliver(app, 'pull_request', spaced, wrong)).status).toBe(401)
  })

  it.each([
    ['is no JSON', 'pull_request', '{"action":', {}, 400],
    ['is no UTF-8 text', 'pull_request', '\ud800', {}, 400],
    ['is no object', 'pull_request', 'null', {}, 400],
    ['is empty', 'pull_request', '', {}, 400],
    ['lacks its identifiers', 'pull_request', '{"action":"labeled"}', {}, 400],
    ['comes as a form', 'pull_request', 'payload=%7B%7D', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['is a ping', 'ping', '{"zen":"Design for failure.","hook_id":1}', {}, 204],
    ['is of an unknown event', 'an_event_of_tomorrow', '{}', {}, 204],
    ['is of an event named like a part of an object', '__proto__', '{}', {}, 204],
    ['is of an action that means nothing here', 'pull_request', '{"action":"assigned"}', {}, 204],
  ])('that %s is answered so', async (_, event, body, headers, status) => {
    const { app, told } = givenServer()
    expect((await deliver(app, event, body, headers)).status).toBe(status)
    expect(told).toMatchObject({ keys: [], resyncs: 0, failures: [] })
  })

  it('of every kind that GitHub documents is answered with 202 or 204', async () => {
    const { app, told } = givenServer()
    expect(allExamples.length).toBeGreaterThan(150)
    for (const { name, payload } of allExamples) {
      expect([202, 204]).toContain((await deliver(app, name, JSON.stringify(payload))).status)
    }
    expect(told.failures).toEqual([])
  })

  it('never brings anything down, whatever is in it', async () => {
    const { app, told } = givenServer()
    const events = ['pull_request', 'check_run', 'check_suite', 'installation', 'push', 'ping', 'x']
    const piece = fc.constantFrom(
      'action',
      'repository',
      'pull_request',
      'check_run',
      'check_suite',
      'pull_requests',
      'id',
      'number',
      'full_name',
      'external_id',
      'ref',
      'project',
      '__proto__',
    )
    const mutated = fc
      .tuple(fc.constantFrom(...allExamples), fc.array(fc.tuple(piece, fc.jsonValue()), { maxLength: 4 }))
      .map(([{ payload }, changes]) => JSON.stringify({ ...payload, ...Object.fromEntries(changes) }))
    const bodies = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), mutated)
    const header = fc.string({ unit: fc.constantFrom(...'abz=:;,/ -"%\u00e9') })
    await fc.assert(
      fc.asyncProperty(
        bodies,
        fc.constantFrom(...events),
        fc.dictionary(
          fc.constantFrom(
            'x-github-delivery',
            'content-type',
            'x-github-event',
            'x-hub-signature-256',
            'x-gitlab-token',
            'x-gitlab-event',
            'accept',
            'authorization',
          ),
          header,
          { maxKeys: 2 },
        ),
        async (body, event, headers) => {
          const { status } = await deliver(app, event, body, headers)
          expect([202, 204, 400, 401, 415]).toContain(status)
        },
      ),
      { numRuns: 1000 },
    )
    expect(told.failures).toEqual([])
  })
})

describe('a webhook of GitLab, which sends the secret and signs nothing', () => {
  const PUSH = JSON.stringify({ ref: 'refs/heads/main', project: { path_with_namespace: 'acme/previews' } })
  const send = (headers: Record<string, string>, body = PUSH) => {
    const { app, told } = givenServer()
    const all = { 'content-type': 'application/json', 'x-gitlab-event': 'Push Hook', ...headers }
    return Promise.resolve(app.request('/webhook', { method: 'POST', body, headers: all })).then(({ status }) => ({
      status,
      told,
    }))
  }

  it('of a push to the GitOps branch has it looked at', async () => {
    const { status, told } = await send({ 'x-gitlab-token': SECRET, 'x-gitlab-event-uuid': '13792a34-cac6' })
    expect(status).toBe(202)
    expect(told).toMatchObject({ looks: 1, keys: [], lines: ['webhook push 13792a34-cac6: gitops'] })
  })

  it.each(['', 'x', `${SECRET}x`, SECRET.slice(1), signatureOf(PUSH)])(
    'is refused with the secret %j',
    async (token) => {
      const { status, told } = await send({ 'x-gitlab-token': token })
      expect(status).toBe(401)
      expect(told.looks).toBe(0)
    },
  )

  it('is believed of a push alone, whatever else its headers say', async () => {
    const token = { 'x-gitlab-token': SECRET, 'x-github-event': 'pull_request' }
    for (const event of ['Merge Request Hook', 'pull_request', 'push']) {
      const { status, told } = await send({ ...token, 'x-gitlab-event': event }, LABELED)
      expect(status).toBe(204)
      expect(told).toMatchObject({ looks: 0, keys: [], resyncs: 0 })
    }
    expect((await send({ ...token, 'x-hub-signature-256': signatureOf('{}') }, LABELED)).status).toBe(401)
  })
})

describe('webhooks that nobody signed', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** What looks like a signature, before a body of so many chunks of 1 MB; `end` comes after the last. */
  function unsigned(
    app: ReturnType<typeof givenServer>['app'],
    megabytes: number,
    end: (controller: ReadableStreamDefaultController) => unknown,
  ) {
    let left = megabytes
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (left > 0) controller.enqueue(new Uint8Array(MB))
        else await end(controller)
        left -= 1
      },
    })
    const headers = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
    const request = new Request('http://x/webhook', { method: 'POST', headers, body, duplex: 'half' })
    return Promise.resolve(app.request(request)).then(({ status, headers }) => ({
      status,
      retryAfter: headers.get('retry-after'),
    }))
  }
  const never = () => new Promise(() => {})

  it('take a bounded part of the memory together, for 10 s at most', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { app, told } = givenServer()
    const sent = Array.from({ length: 40 }, () => unsigned(app, 24, never))
    const statuses: number[] = []
    for (const answer of sent) void answer.then(({ status }) => statuses.push(status))
    const refused = await Promise.any(sent)
    expect(refused).toEqual({ status: 503, retryAfter: '10' })
    await vi.waitFor(() => expect(statuses).toEqual(Array(38).fill(503)))
    await vi.advanceTimersByTimeAsync(10_000)
    await vi.waitFor(() => expect(statuses).toEqual([...Array(38).fill(503), 408, 408]))
    expect(told.failures).toEqual([])
  })

  it.each<[string, number, (controller: ReadableStreamDefaultController) => unknown]>([
    ['are refused', 24, (controller) => controller.close()],
    ['are too large', 26, never],
    ['are cut short', 24, (controller) => controller.error(new Error('aborted'))],
  ])('leave room for the next ones when they %s', async (_, megabytes, end) => {
    const { app } = givenServer()
    for (let nth = 0; nth < 5; nth += 1) await unsigned(app, megabytes, end)
    expect(await unsigned(app, 25, (controller) => controller.close())).toMatchObject({ status: 401 })
  })
})

describe('a webhook over the wire', () => {
  let server: Listening | undefined
  afterEach(async () => {
    vi.useRealTimers()
    await server?.close()
  })

  /** Sends `head`, then pieces until the server answers, ends the connection, or `maxBytes` were taken. */
  async function push(port: number, head: string, piece: Buffer, maxBytes: number) {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    let isOver = false
    let sent = 0
    socket.on('data', (data) => {
      answer += data.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      isOver = true
    })
    socket.write(head)
    while (sent < maxBytes && answer === '' && !isOver) {
      sent += piece.length
      if (!socket.write(piece)) {
        await vi.waitFor(() => expect(!socket.writableNeedDrain || answer !== '' || isOver).toBe(true), {
          timeout: 20_000,
          interval: 1,
        })
      }
    }
    if (sent >= maxBytes) socket.write('0\r\n\r\n')
    await vi.waitFor(() => expect(/^HTTP\/1.1 \d/.test(answer) || isOver).toBe(true), { timeout: 20_000 })
    socket.destroy()
    return { status: Number(answer.slice(9, 12)), sent }
  }
  const headOf = (...headers: string[]) =>
    [
      'POST /webhook HTTP/1.1',
      'Host: x',
      `X-Hub-Signature-256: ${signatureOf('')}`,
      'X-GitHub-Event: pull_request',
      'Content-Type: application/json',
      ...headers,
      '',
      '',
    ].join('\r\n')
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65536, 'a'), Buffer.from('\r\n')])

  it('is stopped at 25 MB where it does not say how long it is', async () => {
    const { app, told } = givenServer()
    server = await listen(app)
    const { status, sent } = await push(server.port, headOf('Transfer-Encoding: chunked'), chunk, 200 * MB)
    expect(status).toBe(413)
    expect(sent).toBeGreaterThan(25 * MB)
    expect(sent).toBeLessThan(60 * MB)
    expect(told.failures).toEqual([])
  })

  it('is stopped before any of it is read where it says that it is longer', async () => {
    const { app } = givenServer()
    server = await listen(app)
    const { status, sent } = await push(server.port, headOf(`Content-Length: ${26 * MB}`), Buffer.alloc(1), 1)
    expect({ status, sent }).toEqual({ status: 413, sent: 1 })
  })

  it('is taken up to the length that it gives, and no further', async () => {
    const { app } = givenServer()
    server = await listen(app)
    const { status, sent } = await push(server.port, headOf('Content-Length: 10'), Buffer.alloc(MB), 200 * MB)
    // 400 is Node's own: what follows the body is no request. It ends the connection, so that no answer may arrive.
    expect([0, 400, 401]).toContain(status)
    expect(sent).toBeLessThan(25 * MB)
  })

  it('is not read at all where it is not signed', async () => {
    const { app } = givenServer()
    server = await listen(app)
    const head = headOf('Transfer-Encoding: chunked').replace(/X-Hub.*\r\n/, '')
    const { status, sent } = await push(server.port, head, chunk, 200 * MB)
    expect(status).toBe(401)
    expect(sent).toBeLessThan(25 * MB)
  })

  it('that fits is taken, with a length and in chunks', async () => {
    const { app, told } = givenServer()
    server = await listen(app)
    const body = JSON.stringify({ ...example, filler: 'x'.repeat(24 * MB) })
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-hub-signature-256': signatureOf(body),
    }
    const url = `${server.url}/webhook`
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202)
    const stream = new Blob([body]).stream()
    expect((await fetch(url, { method: 'POST', headers, body: stream, duplex: 'half' })).status).toBe(202)
    expect(told.keys).toHaveLength(2)
  })

  it('that is not there after 10 s is answered 408', async () => {
    const { app, told } = givenServer()
    server = await listen(app)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    for (const head of [headOf('Content-Length: 1000'), headOf('Transfer-Encoding: chunked')]) {
      const socket = connect(server.port, '127.0.0.1')
      let answer = ''
      socket
        .on('error', () => {})
        .on('data', (data) => {
          answer += data.toString('latin1')
        })
      socket.write(`${head}5\r\nabcde\r\n`)
      const untilMs = Date.now() + 20_000
      while (answer === '' && Date.now() < untilMs) {
        await vi.advanceTimersByTimeAsync(1000)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(answer).toMatch(/^HTTP\/1.1 408 /)
      socket.destroy()
    }
    expect(told.failures).toEqual([])
  })

  it("that is cut short is nobody's failure", async () => {
    const { app, told } = givenServer()
    server = await listen(app)
    for (const head of [headOf('Content-Length: 1000'), headOf('Transfer-Encoding: chunked')]) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => {})
      await new Promise((resolve) => socket.write(`${head}5\r\nabcde\r\n`, resolve))
      socket.destroy()
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(told.failures).toEqual([])
  })

  it('is answered while slow ones are still being sent', async () => {
    const { app } = givenServer()
    server = await listen(app)
    const slow = Array.from({ length: 50 }, () => connect(server?.port ?? 0, '127.0.0.1'))
    for (const socket of slow) socket.on('error', () => {}).write(`${headOf('Content-Length: 1000')}x`)
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-hub-signature-256': signatureOf(LABELED),
    }
    const answer = await fetch(`${server.url}/webhook`, { method: 'POST', headers, body: LABELED })
    expect(answer.status).toBe(202)
    for (const socket of slow) socket.destroy()
  })
})
