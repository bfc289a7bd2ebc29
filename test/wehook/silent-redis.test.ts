/** Redis behind something that forgets a connection without closing it, as a firewall does. */
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openRedisStore } from '../../src/wehook/redis-store.ts'
import { hasRedis, startRedis } from './redis-server.ts'

/** Passes on what is said to Redis and by it, until it is to forget the connections that are there. */
async function between(url: string) {
  const sockets = new Set<Socket>()
  const answering = new Set<Socket>()
  const server = createServer((client) => {
    const redis = connect(Number(new URL(url).port), '127.0.0.1')
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => [client, redis].map((each) => each.destroy()))
    }
    answering.add(redis)
    client.pipe(redis).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forget() {
      for (const redis of answering) redis.unpipe().resume()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

it.skipIf(!hasRedis)('what comes is kept and heard of though the connections to it were forgotten', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const redis = await startRedis(folder)
  const way = await between(redis.url)
  const limits = { password: null, maxBytes: 10 ** 6, leaseMs: 60_000, holdMs: 60_000, silenceMaxMs: 1000 }
  const store = await openRedisStore({ url: way.url, ...limits, failed: () => {} })
  onTestFinished(async () => {
    await store.close()
    way.close()
    await redis.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const heard = new EventEmitter()
  store.arrivals((source) => heard.emit(source))
  const about = {
    receivedAtMs: Date.now(),
    method: 'POST',
    suffix: '',
    headers: [],
    mark: null,
    body: Buffer.from('{}'),
  }
  const first = once(heard, 'stripe')
  await store.keep({ ...about, source: 'stripe' })
  await first
  way.forget()
  const second = once(heard, 'github')
  await store.keep({ ...about, source: 'github' })
  expect(await second).toEqual([])
})
