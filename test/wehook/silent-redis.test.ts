/** Redis behind something that forgets a connection without closing it, as a firewall does. */
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openRedisStore } from '../../src/wehook/redis-store.ts'
import { hasRedis, startRedis } from './redis-server.ts'
import { wayTo } from './way-to-redis.ts'

it.skipIf(!hasRedis)('what comes is kept and heard of though the connections to it were forgotten', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const redis = await startRedis(folder)
  const way = await wayTo(redis.url)
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
