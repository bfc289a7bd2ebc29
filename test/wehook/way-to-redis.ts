/** What is between a WeHook and Redis: connections break there. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openRedisStore, type RedisStoreOptions } from '../../src/wehook/redis-store.ts'
import { startRedis } from './redis-server.ts'

/** A store of a Redis of its own with that between them, for one test. */
export async function storeOverWay(more: Partial<RedisStoreOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const redis = await startRedis(folder)
  const way = await wayTo(redis.url)
  const limits = { password: null, maxBytes: 10 ** 6, leaseMs: 60_000, holdMs: 60_000 }
  const store = await openRedisStore({ url: way.url, ...limits, failed: () => {}, ...more })
  onTestFinished(async () => {
    await store.close()
    way.close()
    await redis.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return { redis, way, store }
}

/** Passes on what is said to Redis and by it, until it is told otherwise. */
async function wayTo(url: string) {
  const sockets = new Set<Socket>()
  /** Redis -> who asks it. */
  const answering = new Map<Socket, Socket>()
  const server = createServer((client) => {
    const redis = connect(Number(new URL(url).port), '127.0.0.1')
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => [client, redis].map((each) => each.destroy()))
    }
    answering.set(redis, client)
    client.pipe(redis).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Nothing is said any more on the connections that are there, and nobody hears of that. */
    forget() {
      for (const redis of answering.keys()) redis.unpipe().resume()
    },
    /** The connections that are there end at Redis's next answer, which nobody gets. */
    cut() {
      for (const [redis, client] of answering)
        redis
          .unpipe()
          .once('data', () => client.destroy())
          .resume()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
