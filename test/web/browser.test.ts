import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, it, vi } from 'vitest'
import { openRuns } from '../../src/adapters/runs/runs.ts'
import { givenServer } from './given.ts'
import { listen } from './listen.ts'

/** A machine that does other things as well may take its time. */
const settled = (then: () => void | Promise<void>) => vi.waitFor(then, { timeout: 20_000 })

const CHROMIUM = '/usr/bin/chromium'
const isSkipped = !existsSync(CHROMIUM) && process.env.CI !== 'true'

it.skipIf(isSkipped)(
  `shows a run in a browser as it goes on, with markup as text${isSkipped ? ` (skipped: there is no ${CHROMIUM})` : ''}`,
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'browser-'))
    const clock = { now: Date.now, after: () => () => {} }
    const runs = await openRuns({ dir, maxBytesPerRun: 1_000_000, keepMs: 1e9, secrets: [], clock })
    const log = await runs.start({ key: '41/7/shop', title: 'shop #7', pullUrl: 'https://x.test', sha: 'a'.repeat(40) })
    log.write('before <b>this</b>')
    const ends = new AbortController()
    const server = await listen(givenServer({ runs, signal: ends.signal, now: Date.now }).app)
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('dialog', (dialog) => complaints.push(dialog.message()))
      await page.goto(`${server.url}/runs/${log.id}`)
      await settled(async () => expect(await page.textContent('#following')).toBe('Following'))
      log.write('after <img src=x onerror=alert(1)>')
      log.begin('build', Date.now())
      log.end('build', Date.now(), 'failed', '<img src=x onerror=alert(2)>')
      await settled(async () => {
        expect(await page.textContent('#log')).toBe('before <b>this</b>\nafter <img src=x onerror=alert(1)>\n')
        expect(await page.textContent('#steps')).toContain('failed')
      })
      expect(await page.locator('img').count()).toBe(0)
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      ends.abort()
      await server.close()
      await runs.close()
      await rm(dir, { recursive: true, force: true })
    }
  },
)
