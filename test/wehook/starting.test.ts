/** WeHook where it can't start, and until it knows what it has to. */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { startWeHook } from '../../src/wehook/wehook.ts'
import { called, SECRET, STRIPE, stripeSignature } from './given.ts'
import { API_TOKEN, openWeStageApi } from './preview-apps.ts'
import { hasRedis, startRedis } from './redis-server.ts'

it('lets go of all that it has where its port is taken, so that it ends and another can start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const at = (port: number) => {
    const sources = [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }]
    const wehook = { westage: 'http://127.0.0.1:9', listen: { host: '127.0.0.1', port }, dataDir: folder, sources }
    return readWeHookConfig(JSON.stringify({ wehook }), { WESTAGE_API_TOKEN: 'a-token', STRIPE_SECRET: 'a secret' })
  }
  const taken = at((other.address() as AddressInfo).port)
  await expect(startWeHook(taken.config, taken.secrets, () => {})).rejects.toThrow('EADDRINUSE')
  const free = at(0)
  const running = await startWeHook(free.config, free.secrets, () => {})
  await running.stop()
  other.close()
  await rm(folder, { recursive: true })
})

it('says which folder is damaged, and how', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'callbacks'))
  await writeFile(join(folder, 'callbacks', 'CURRENT'), 'nothing')
  const sources = [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }]
  const wehook = { westage: 'http://127.0.0.1:9', dataDir: folder, sources }
  const env = { WESTAGE_API_TOKEN: API_TOKEN, STRIPE_SECRET: SECRET }
  const { config, secrets } = readWeHookConfig(JSON.stringify({ wehook }), env)
  await expect(startWeHook(config, secrets, () => {})).rejects.toThrow(
    `wehook.dataDir: ${join(folder, 'callbacks')} can't be opened: Corruption: CURRENT file does not end with newline`,
  )
})

it.skipIf(!hasRedis)('lets go of its Redis where that can not be used, so that it ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const redis = await startRedis(folder)
  onTestFinished(async () => {
    await redis.stop()
    await rm(folder, { recursive: true })
  })
  const preview = { app: 'shop', pull: { number: 1 }, namespace: null, url: 'http://shop.test', since: null }
  await writeFile(join(folder, 'previews.json'), JSON.stringify({ previews: [{ ...preview, callbacks: [STRIPE] }] }))
  await redis.asked('set', 'wehook:listeners', 'of somebody else')
  const sources = [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }]
  const wehook = { westage: 'http://127.0.0.1:9', store: redis.url, dataDir: folder, sources }
  const env = { WESTAGE_API_TOKEN: API_TOKEN, STRIPE_SECRET: SECRET }
  const { config, secrets } = readWeHookConfig(JSON.stringify({ wehook }), env)
  await expect(startWeHook(config, secrets, () => {})).rejects.toThrow('WRONGTYPE')
  const isAlone = async () => expect((await redis.asked('client', 'list')).split('\n')).toHaveLength(1)
  await vi.waitFor(isAlone, { timeout: 10_000 })
})

it('answers 503 until it knows which previews run, and is alive meanwhile', async () => {
  const westage = await openWeStageApi([{ pull: 1, callbacks: [STRIPE] }])
  onTestFinished(() => westage.close())
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const sources = [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }]
  const listening = { listen: { host: '127.0.0.1', port: 0 }, dataDir: folder, every: '20ms' }
  const { config, secrets } = readWeHookConfig(
    JSON.stringify({ wehook: { westage: westage.url, ...listening, sources } }),
    { WESTAGE_API_TOKEN: API_TOKEN, STRIPE_SECRET: SECRET },
  )
  westage.lists(null)
  const running = await startWeHook(config, secrets, () => {})
  onTestFinished(async () => {
    await running.stop()
    await rm(folder, { recursive: true })
  })
  const statusOf = async (path: string) => (await called(running.port, { method: 'GET', path })).status
  const pays = async (body: Buffer) =>
    (await called(running.port, { body, headers: ['Stripe-Signature', stripeSignature(body)] })).status
  expect([await statusOf('/healthz'), await statusOf('/readyz'), await pays(Buffer.from('a'))]).toEqual([200, 503, 503])
  westage.lists([{ pull: 1, callbacks: [STRIPE] }])
  await vi.waitFor(async () => expect(await statusOf('/readyz')).toBe(200), { timeout: 20_000, interval: 20 })
  expect([await statusOf('/healthz'), await pays(Buffer.from('b'))]).toEqual([200, 200])
})
