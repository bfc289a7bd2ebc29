/** Redis behind a connection that ends once it has done what it was asked, and before its answer is there. */
import { expect, it } from 'vitest'
import { hasRedis } from './redis-server.ts'
import { storeOverWay } from './way-to-redis.ts'

async function given() {
  const { redis, way, store } = await storeOverWay()
  const about = { source: 'stripe', receivedAtMs: Date.now(), method: 'POST', suffix: '', headers: [] }
  const keep = async (mark: string | null) =>
    (await store.keep({ ...about, mark, body: Buffer.from('{}') }))?.id ?? 'repeated'
  const ids = async () => {
    const all: string[] = []
    for await (const { id } of store.latest()) all.unshift(id)
    return all
  }
  return { redis, way, keep, ids }
}

it.skipIf(!hasRedis)(
  'a signed callback is taken, and its next delivery repeated, though the first answer was lost',
  async () => {
    const { way, keep, ids } = await given()
    way.cut()
    const id = await keep('signature')
    expect(await ids()).toEqual([id])
    expect(await keep('signature')).toBe('repeated')
  },
)

it.skipIf(!hasRedis)(
  'what has no signature is kept once though the answer was lost, and what comes after it too',
  async () => {
    const { way, keep, ids } = await given()
    const first = await keep(null)
    way.cut()
    const second = await Promise.all([keep(null), keep(null)])
    expect(await ids()).toEqual([first, ...second])
  },
)

it.skipIf(!hasRedis)('Redis forgets what a WeHook has heard of', async () => {
  const { redis, keep } = await given()
  for (const mark of ['one', 'two', 'three', null]) await keep(mark)
  const [unheard = ''] = (await redis.asked('keys', 'wehook:k:*')).split('\n')
  expect(await redis.asked('hlen', unheard)).toBe('1')
  expect(Number(await redis.asked('pttl', unheard))).toBeGreaterThan(0)
})
