import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRuns, type RunStore } from '../../src/adapters/runs/runs.ts'
import type { RunLog } from '../../src/ports.ts'
import { givenServer } from './given.ts'
import { type Listening, listen } from './listen.ts'

/** A machine that does other things as well may take its time. */
const settled = (then: () => void | Promise<void>) => vi.waitFor(then, { timeout: 20_000 })

const CHROMIUM = '/usr/bin/chromium'
const isSkipped = !existsSync(CHROMIUM) && process.env.CI !== 'true'

const skipped = isSkipped ? ` (skipped: there is no ${CHROMIUM})` : ''

let dir: string
let runs: RunStore
let log: RunLog
let ends: AbortController
let server: Listening

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'browser-'))
  const clock = { now: Date.now, after: () => () => {} }
  runs = await openRuns({ dir, maxBytesPerRun: 1_000_000, keepMs: 1e9, secrets: [], clock })
  log = await runs.start({ key: '41/7/shop', title: 'shop #7', pullUrl: 'https://x.test', sha: 'a'.repeat(40) })
  ends = new AbortController()
  server = await listen(givenServer({ runs, signal: ends.signal, now: Date.now }).app)
})
afterEach(async () => {
  ends.abort()
  await server.close()
  await runs.close()
  await rm(dir, { recursive: true, force: true })
})

/** Opens the run's page, which must not complain and has no picture that a log brought. */
async function inBrowser(use: (page: Page) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => complaints.push(dialog.message()))
    await page.goto(`${server.url}/runs/${log.id}`)
    await settled(async () => expect(await page.textContent('#following')).toBe('Following'))
    await use(page)
    expect(await page.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
}

describe.skipIf(isSkipped)(`a run that is open in a browser${skipped}`, () => {
  it('is shown as it goes on, with markup as text', async () => {
    log.write('before <b>this</b>')
    await inBrowser(async (page) => {
      log.write('after <img src=x onerror=alert(1)>')
      log.begin('build', Date.now())
      log.end('build', Date.now(), 'failed', '<img src=x onerror=alert(2)>')
      await settled(async () => {
        expect(await page.textContent('#log')).toBe('before <b>this</b>\nafter <img src=x onerror=alert(1)>\n')
        expect(await page.textContent('#steps')).toContain('failed')
      })
    })
  })

  it('shows what people change by hand as they do it, with markup as text, until it is undone', async () => {
    await inBrowser(async (page) => {
      const section = page.locator('#by-hand')
      expect(await section.isVisible()).toBe(false)
      log.showChanges(['--- a.yaml', '@@ -1 +1 @@', '-replicas: 1', '+<img src=x onerror=alert(3)>', ' kind: A'])
      await section.waitFor({ state: 'visible' })
      expect(await page.textContent('#changes')).toBe(
        '--- a.yaml\n@@ -1 +1 @@\n-replicas: 1\n+<img src=x onerror=alert(3)>\n kind: A\n',
      )
      expect(await page.locator('#changes .added').allTextContents()).toEqual(['+<img src=x onerror=alert(3)>'])
      expect(await page.locator('#changes .gone').allTextContents()).toEqual(['-replicas: 1'])
      log.showChanges(['+another: change'])
      await settled(async () => expect(await page.textContent('#changes')).toBe('+another: change\n'))
      log.showChanges([])
      await section.waitFor({ state: 'hidden' })
    })
  })
})
