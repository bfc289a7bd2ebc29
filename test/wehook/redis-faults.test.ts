/** What WeHook says where its Redis refuses what it is asked. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { builtCommand } from '../cli/built-command.ts'
import { STRIPE } from './given.ts'
import { openPreviewApps, openWeStageApi } from './preview-apps.ts'
import { hasRedis, startRedis } from './redis-server.ts'
import { startWeHookProcess, weHookConfig } from './wehook-process.ts'

const isSkipped = !hasRedis && process.env.CI !== 'true'

it.skipIf(isSkipped)(
  `the log has for whom it was and what Redis says, and no script${isSkipped ? ' (skipped: there is no redis-server)' : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const redis = await startRedis(folder)
    onTestFinished(() => redis.stop())
    const apps = await openPreviewApps()
    onTestFinished(() => apps.close())
    const westage = await openWeStageApi([{ pull: 1, callbacks: [STRIPE] }])
    onTestFinished(() => westage.close())
    const following = 'shop/pr-1 stripe /webhooks/stripe'
    await redis.asked('set', `wehook:r:${following}`, 'what somebody else put there')
    const config = await weHookConfig(folder, { westage, apps }, { store: redis.url })
    const running = await startWeHookProcess(await builtCommand(), config)
    await vi.waitFor(() => expect(running.stdout()).toContain('WRONGTYPE'), { timeout: 30_000, interval: 20 })
    running.kill('SIGTERM')
    const { code, stdout } = await running.ended()
    expect(code).toBe(0)
    expect(stdout).toContain(`what ${following} is to get: WRONGTYPE Operation against a key`)
    expect(stdout).not.toContain('redis.call')
  },
  120_000,
)
