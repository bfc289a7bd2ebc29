/** Two WeHooks that share a Redis. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, STRIPE } from './given.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'

let folder: string
let redis: RedisServer | null = null
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  if (hasRedis) redis = await startRedis(folder)
})
afterAll(async () => {
  await redis?.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

let all: GivenWeHook[] = []
afterEach(async () => {
  for (const each of all) await each.close()
  all = []
})

const PREVIEWS = [1, 2, 3].map((pull) => ({ pull, callbacks: [STRIPE] }))
const COUNT = 60

it.skipIf(!hasRedis)(
  'hand out what came to either, each callback once, and one goes on when the other is gone',
  async () => {
    const settings = { store: redis?.url ?? '', timeout: '1s' }
    const first = await givenWeHook(PREVIEWS, settings)
    all.push(first)
    const second = await givenWeHook(PREVIEWS, { ...settings, address: first.apps.address })
    all.push(second)
    const texts = Array.from({ length: COUNT }, (_, nth) => `event ${nth}`)
    const answers = await Promise.all(texts.map((text, nth) => (nth % 2 === 0 ? first : second).pay(Buffer.from(text))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const had = (pull: number) => first.apps.reached(pull).map(({ body }) => body.toString())
    for (const { pull } of PREVIEWS) await first.until(() => expect(new Set(had(pull)).size).toBe(COUNT))
    for (const { pull } of PREVIEWS) expect(had(pull).toSorted()).toEqual(texts.toSorted())

    // What came to one is handed out by the other, which is not told to look in any other way.
    await second.stop()
    await first.pay(Buffer.from('the last'))
    for (const { pull } of PREVIEWS) await first.until(() => expect(had(pull)).toContain('the last'))
  },
)
