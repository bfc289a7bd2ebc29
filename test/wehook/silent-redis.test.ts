/** Redis behind something that forgets a connection without closing it, as a firewall does. */
import { EventEmitter, once } from 'node:events'
import { expect, it } from 'vitest'
import { hasRedis } from './redis-server.ts'
import { storeOverWay } from './way-to-redis.ts'

it.skipIf(!hasRedis)('what comes is kept and heard of though the connections to it were forgotten', async () => {
  const { way, store } = await storeOverWay({ silenceMaxMs: 1000 })
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
