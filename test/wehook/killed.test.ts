/** `westage wehook`, the real process, killed at whatever moment while callbacks come in and go out. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { builtCommand, type Command } from '../cli/built-command.ts'
import { STRIPE } from './given.ts'
import { openPreviewApps, openWeStageApi, type WeStageApi } from './preview-apps.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'
import { callsTo, missingAt, startWeHookProcess, weHookConfig } from './wehook-process.ts'

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
    const config = await weHookConfig(join(folder, kind), { westage, apps }, { store: store() })
    let port = 0
    const calls = callsTo(() => port, { senders: SENDERS, bytes: 0 })
    const { taken } = calls
    for (let kill = 0; kill < KILLS; kill++) {
      const running = await startWeHookProcess(command, config)
      port = running.port
      const enough = taken.size + Math.floor(Math.random() * (TAKES_MAX + 1))
      await vi.waitFor(() => expect(taken.size).toBeGreaterThanOrEqual(enough), { timeout: 30_000, interval: 1 })
      running.kill('SIGKILL')
      await running.ended()
    }
    await calls.stop()

    const last = await startWeHookProcess(command, config)
    apps.answers(FAULTY, 200)
    for (const pull of [...HEALTHY, FAULTY]) {
      await vi.waitFor(() => expect(missingAt(apps, pull, taken)).toEqual([]), { timeout: 120_000, interval: 100 })
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
