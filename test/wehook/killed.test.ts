/** `westage wehook`, the real process, killed at whatever moment while callbacks come in and go out. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dump } from 'js-yaml'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { builtCommand, type Command, type Running } from '../cli/built-command.ts'
import { called, SECRET, STRIPE, stripeSignature } from './given.ts'
import { API_TOKEN, openPreviewApps, openWeStageApi, type WeStageApi } from './preview-apps.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'

const KILLS = Number(process.env.WEHOOK_KILLS ?? 10)
const SENDERS = 4
const HEALTHY = [1, 2, 3]
const FAULTY = 4
/** It dies somewhere between its start and when it has taken so many. */
const TAKES_MAX = 40

let command: Command
let folder: string
let westage: WeStageApi
let redis: RedisServer | null = null
beforeAll(async () => {
  command = await builtCommand()
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  if (hasRedis) redis = await startRedis(folder)
  westage = await openWeStageApi([...HEALTHY, FAULTY].map((pull) => ({ pull, callbacks: [STRIPE] })))
})
afterAll(async () => {
  await redis?.stop()
  await westage.close()
  await rm(folder, { recursive: true })
})

const start = (config: string): Running =>
  command.start(['wehook', '--config', config], {
    WESTAGE_API_TOKEN: API_TOKEN,
    STRIPE_SECRET: SECRET,
  })
const portOf = (running: Running): number => Number(/WeHook listens on [^:]+:(\d+)/.exec(running.stdout())?.[1] ?? 0)
const isListening = (running: Running) =>
  vi.waitFor(() => expect(portOf(running)).toBeGreaterThan(0), { timeout: 30_000, interval: 5 })

const STORES = [
  { kind: 'LevelDB', isHere: true, store: () => 'embedded' },
  { kind: 'Redis', isHere: hasRedis, store: () => redis?.url ?? '' },
]

it.each(STORES.filter(({ isHere }) => isHere))(
  `with $kind hands every callback that it took to every healthy preview, killed ${KILLS} times`,
  async ({ kind, store }) => {
    const apps = await openPreviewApps()
    onTestFinished(() => apps.close())
    apps.answers(FAULTY, 500)
    const config = join(folder, `${kind}.yaml`)
    const wehook = {
      ...{ westage: westage.url, listen: { host: '127.0.0.1', port: 0 }, address: apps.address, store: store() },
      ...{ dataDir: join(folder, kind), timeout: '1s' },
      sources: [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }],
    }
    await writeFile(config, dump({ wehook }))
    const taken = new Set<string>()
    let port = 0
    let isOver = false
    let nth = 0
    const send = async () => {
      while (!isOver) {
        nth += 1
        const body = Buffer.from(`{"event":${nth}}`)
        const headers = ['Stripe-Signature', stripeSignature(body)]
        const answer = await called(port, { body, headers }).catch(() => null)
        if (answer?.status === 200) taken.add(body.toString())
        else await delay(5) // it is being started
      }
    }
    const senders = Array.from({ length: SENDERS }, send)
    for (let kill = 0; kill < KILLS; kill++) {
      const running = start(config)
      await isListening(running)
      port = portOf(running)
      const enough = taken.size + Math.floor(Math.random() * (TAKES_MAX + 1))
      await vi.waitFor(() => expect(taken.size).toBeGreaterThanOrEqual(enough), { timeout: 30_000, interval: 1 })
      running.kill('SIGKILL')
      await running.ended()
    }
    isOver = true
    await Promise.all(senders)

    const last = start(config)
    await isListening(last)
    apps.answers(FAULTY, 200)
    for (const pull of [...HEALTHY, FAULTY]) {
      const missing = () => {
        const had = new Set(apps.reached(pull).map(({ body }) => body.toString()))
        return [...taken].filter((body) => !had.has(body))
      }
      await vi.waitFor(() => expect(missing()).toEqual([]), { timeout: 120_000, interval: 100 })
    }
    last.kill('SIGTERM')
    expect((await last.ended()).code).toBe(0)
    expect(taken.size).toBeGreaterThan(KILLS)
    expect(apps.reached(FAULTY).length).toBeGreaterThan(0)
    for (const pull of HEALTHY) {
      const deliveries = new Map<string, Set<string>>()
      for (const { body, headers } of apps.reached(pull)) {
        const known = deliveries.get(body.toString()) ?? new Set()
        deliveries.set(body.toString(), known.add(headers[headers.indexOf('WeHook-Delivery') + 1] ?? ''))
      }
      expect([...deliveries.values()].filter(({ size }) => size !== 1)).toEqual([])
    }
  },
  KILLS * 10_000 + 120_000,
)
