import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { hostProbe } from '../../src/adapters/hosts.ts'
import { isRefusedAddress } from '../../src/adapters/refused-addresses.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const never = new AbortController().signal

async function listen(server: Server | TcpServer, ip = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, ip, resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

const webServer = (answer: RequestListener): Promise<number> => listen(createServer(answer))

/** A DNS server that knows one name, and answers NXDOMAIN for every other (RFC 1035). */
async function nameServer(known: string, ip: string): Promise<string> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    let at = 12
    const labels: string[] = []
    while (query[at]) {
      const size = query[at] ?? 0
      labels.push(query.subarray(at + 1, at + 1 + size).toString())
      at += size + 1
    }
    const question = query.subarray(12, at + 5)
    const isKnown = labels.join('.').toLowerCase() === known
    const isA = query.readUInt16BE(at + 1) === 1
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(isKnown && isA ? 1 : 0, 6)
    header.writeUInt32BE(0, 8)
    const answer =
      isKnown && isA ? [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...ip.split('.').map(Number)])] : []
    socket.send(Buffer.concat([header, question, ...answer]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  closers.push(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  return `127.0.0.1:${socket.address().port}`
}

function selfSigned(name: string): { key: Buffer; cert: Buffer } {
  const directory = mkdtempSync(path.join(tmpdir(), 'westage-cert-'))
  try {
    const file = (name: string) => path.join(directory, name)
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ]
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
    execFileSync('openssl', [...request, ...subject, '-keyout', file('key'), '-out', file('cert')], { stdio: 'ignore' })
    return { key: readFileSync(file('key')), cert: readFileSync(file('cert')) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function isOpensslMissing(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return process.env.CI !== 'true'
  }
}

/** An address of this machine that is not loopback. */
const outward = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describe("A preview's host", () => {
  it.each([200, 204, 302, 401, 404, 499])('answers where its status is %i', async (status) => {
    const port = await webServer((_, response) =>
      response.writeHead(status, { location: 'http://elsewhere.test/' }).end(),
    )
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${port}` })
    expect(await probe.fault('http://feature-shop.example.test', never)).toBeNull()
  })

  it('is asked for by its own name and port, whatever address is connected to', async () => {
    const asked: unknown[] = []
    const port = await webServer((request, response) => {
      asked.push([request.method, request.url, request.headers.host])
      response.end()
    })
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${port}` })
    await probe.fault('http://feature-shop.example.test:8080', never)
    await probe.fault('http://feature-shop.example.test/start?a=b', never)
    expect(asked).toEqual([
      ['GET', '/', 'feature-shop.example.test:8080'],
      ['GET', '/start?a=b', 'feature-shop.example.test'],
    ])
  })

  it('does not answer where its status is 503, and says so', async () => {
    const port = await webServer((_, response) => response.writeHead(503).end('later'))
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${port}` })
    expect(await probe.fault('http://shop.example.test', never)).toBe(
      'shop.example.test answers 503 Service Unavailable',
    )
  })

  it.skipIf(outward === undefined)(
    'is resolved by the DNS servers that are configured (needs an address besides 127.0.0.1)',
    async () => {
      const ip = outward ?? ''
      const port = await listen(
        createServer((_, response) => response.end('hello')),
        ip,
      )
      const probe = hostProbe({ servers: [await nameServer('shop.example.test', ip)], address: null })
      expect(await probe.fault(`http://shop.example.test:${port}`, never)).toBeNull()
    },
  )

  it('is not connected to where it resolves to this machine, and says so', async () => {
    let connections = 0
    const server = createServer((_, response) => response.end('hello'))
    server.on('connection', () => connections++)
    const port = await listen(server)
    const probe = hostProbe({ servers: [await nameServer('shop.example.test', '127.0.0.1')], address: null })
    const told = (host: string) =>
      `${host}:${port} resolves to 127.0.0.1, a loopback, link-local or multicast address, which WeStage does not connect to`
    expect(await probe.fault(`http://shop.example.test:${port}`, never)).toBe(told('shop.example.test'))
    expect(await probe.fault(`http://127.0.0.1:${port}`, never)).toBe(told('127.0.0.1'))
    expect(connections).toBe(0)
  })

  it.each(['127.8.8.8', '0.0.0.0', '169.254.169.254', '239.1.1.1', '::1', '::', 'fe80::1', 'ff02::1', '::ffff:7f00:1'])(
    'is refused at %s',
    (ip) => expect(isRefusedAddress(ip)).toBe(true),
  )

  it.each(['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '203.0.113.1', 'fd00::1', '::ffff:a00:1'])(
    'is not refused at %s',
    (ip) => expect(isRefusedAddress(ip)).toBe(false),
  )

  it('does not answer where its address is none, and says so', async () => {
    const probe = hostProbe({ servers: [], address: null })
    expect(await probe.fault('http://feat-10.0.0.1', never)).toBe('http://feat-10.0.0.1 is not an address')
  })

  it('does not answer where its name is unknown, and says so', async () => {
    const probe = hostProbe({ servers: [await nameServer('shop.example.test', '127.0.0.1')], address: null })
    expect(await probe.fault('http://other.example.test', never)).toMatch(
      /^other\.example\.test does not resolve: .*ENOTFOUND/,
    )
  })

  it('is resolved as the system does where no DNS server is configured', async () => {
    const probe = hostProbe({ servers: [], address: null })
    expect(await probe.fault('http://localhost', never)).toMatch(/^localhost resolves to (127\.0\.0\.1|::1), /)
  })

  it('does not answer where nothing listens, and says so', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    await closers.pop()?.()
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${port}` })
    expect(await probe.fault('http://shop.example.test', never)).toMatch(/^shop\.example\.test refuses connections: /)
  })

  it('does not answer where the connection is cut, and says so', async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()))
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${port}` })
    expect(await probe.fault('http://shop.example.test', never)).toMatch(/^shop\.example\.test gave no answer: /)
  })

  it('does not answer where it takes too long, and the connection is closed then', async () => {
    let open = 0
    const server = createServer(() => {})
    server.on('connection', (socket) => {
      open++
      socket.on('close', () => open--)
    })
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${await listen(server)}`, timeoutMs: 100 })
    expect(await probe.fault('http://shop.example.test', never)).toBe('shop.example.test did not answer within 0.1 s')
    await vi.waitFor(() => expect(open).toBe(0))
  })

  it('is not waited for once the run is aborted, and the connection is closed then', async () => {
    let open = 0
    const server = createServer(() => {})
    const connected = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        open++
        socket.on('close', () => open--)
        resolve()
      })
    })
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${await listen(server)}` })
    const run = new AbortController()
    const answer = probe.fault('http://shop.example.test', run.signal)
    await connected
    run.abort(new Error('superseded'))
    await expect(answer).rejects.toThrow('superseded')
    await vi.waitFor(() => expect(open).toBe(0))
  })

  it('answers without its body being read, however long it is', async () => {
    let isClosed = false
    const port = await webServer((_, response) => {
      response.writeHead(200)
      const more = () => {
        if (response.write('x'.repeat(65_536))) setImmediate(more)
        else response.once('drain', more)
      }
      response.on('close', () => {
        isClosed = true
      })
      more()
    })
    const probe = hostProbe({ servers: [], address: `127.0.0.1:${port}` })
    expect(await probe.fault('http://shop.example.test', never)).toBeNull()
    await vi.waitFor(() => expect(isClosed).toBe(true))
  })

  it.skipIf(isOpensslMissing())(
    'does not answer with a certificate that nobody vouches for, and is asked for by name (needs openssl)',
    async () => {
      const names: unknown[] = []
      const server = createTlsServer({
        ...selfSigned('shop.example.test'),
        SNICallback: (name, done) => {
          names.push(name)
          done(null)
        },
      })
      server.on('tlsClientError', (_, socket: TLSSocket) => socket.destroy())
      const probe = hostProbe({ servers: [], address: `127.0.0.1:${await listen(server)}` })
      expect(await probe.fault('https://shop.example.test', never)).toMatch(
        /^shop\.example\.test has a certificate that is not accepted: self-signed certificate/,
      )
      expect(names).toEqual(['shop.example.test'])
    },
  )

  it('can not be probed through an address that is none', () => {
    expect(() => hostProbe({ servers: [], address: 'ingress.example.test' })).toThrow(/is not an address such as/)
  })
})
