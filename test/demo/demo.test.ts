/** The demo as a person has it: by command, and by its page in a browser. */
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { cloneAsPerson } from '../servers/git-person.ts'
import { findChromium } from './find-chromium.ts'
import { partOfPage } from './page-events.ts'
import { type RunningDemo, spawnDemo } from './spawn-demo.ts'
import { findTools } from './tools-here.ts'

const executablePath = await findChromium()
const isSkipped = executablePath === null && process.env.CI !== 'true'
const SLOW = 120_000
/** The demo leaves the interval between two passes as it is by itself: `resync` in docs/settings.md. */
const PASS_MS = 300_000

let dir = ''
let tools = ''
let demo: RunningDemo | null = null

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'demo-test-'))
  tools = await mkdtemp(join(tmpdir(), 'demo-test-tools-'))
})

afterEach(async () => {
  await demo?.interrupt()
  demo = null
  await Promise.all([dir, tools].map((each) => rm(each, { recursive: true, force: true })))
})

describe('npm run demo', () => {
  it('--once: goes live, is paid in, is updated, says what is broken, recovers, is gone', {
    timeout: SLOW,
  }, async () => {
    demo = spawnDemo(['--once'], dir)
    expect(await demo.ended, demo.output()).toBe(0)
    const told = demo.output().match(/✓ .*/g) ?? []
    expect(told.map((line) => line.replace(/[0-9a-f]{7}/g, '…'))).toEqual([
      '✓   the preview is live and answers with the head',
      '✓   a second preview is live beside it',
      "✓   both previews got Stripe's callback: #1 is paid, #2 says it is not its own",
      '✓   the push is live and answers with the new head',
      '✓   broken manifests: file and line are told, … is still up',
      '✓   the next good commit is live',
      '✓   folder, Application and address are gone, and the pull request says so',
    ])
    expect(demo.output()).toMatch(
      /Check of [0-9a-f]{7} failure: Failed in render: k8s\/base\/deployment\.yaml.* line \d+/,
    )
    expect(await readdir(dir)).toEqual([])
  })

  it('hears at once of a revert pushed with git, long before its next pass', { timeout: SLOW }, async () => {
    demo = spawnDemo([], dir, await pathWith('git', 'kubectl', 'kustomize'))
    const url = await demo.address()
    const [, clonedFrom = ''] = /^ +GitOps +git clone (.+)$/m.exec(demo.output()) ?? []
    const person = await cloneAsPerson(clonedFrom)
    try {
      await person.git('revert', '--no-edit', 'HEAD')
      const commit = await person.push()
      const told = await partOfPage(url, 'check-1', /Held/, AbortSignal.timeout(PASS_MS / 5))
      expect(told).toContain('Held: removed by hand in the GitOps repo by Operator')
      expect(told).toContain(commit.slice(0, 7))
    } finally {
      await person.close()
    }
  })

  it('says what is missing, and ends, where there is no kustomize', { timeout: SLOW }, async () => {
    demo = spawnDemo([], dir, await pathWith('git'))
    expect(await demo.ended).toBe(1)
    expect(demo.output()).toContain('WeStage needs kustomize to render manifests')
    expect(await readdir(dir)).toEqual([])
  })

  it('says what is missing where there is no git', async () => {
    const path = await pathWith('kubectl', 'kustomize')
    await expect(findTools(path, AbortSignal.timeout(20_000))).rejects.toThrow('The demo needs git')
  })
})

describe('the page', () => {
  it.skipIf(isSkipped)(
    `a payment in one of two previews${isSkipped ? ' (skipped: no Chromium on the PATH)' : ''}`,
    { timeout: SLOW },
    async () => {
      demo = spawnDemo([], dir, await pathWith('git', 'kubectl', 'kustomize'))
      const url = await demo.address()
      await inBrowser(async (page) => {
        await page.goto(url)
        await page.click('[data-select="2"]')
        expect(await page.isDisabled('#pull-2 [data-act=pay]')).toBe(true)
        await press(page, 'label')
        await checkIs(page, 'success')
        const [preview] = await Promise.all([page.waitForEvent('popup'), page.click('#deployments-2 .view')])
        const [stripe] = await Promise.all([preview.waitForEvent('popup'), preview.click('text=Pay')])
        await stripe.click('text=Pay')
        await stripe.locator('h1', { hasText: 'Paid €12.00' }).waitFor()
        await preview.frameLocator('iframe').locator('p', { hasText: 'Paid: 1' }).waitFor()
        await page.locator('#callbacks .badge.good', { hasText: '#2 is paid' }).waitFor()
        await page.locator('#callbacks .badge.still', { hasText: '#1 got it, not its own' }).waitFor()

        for (const payments of [2, 3]) {
          await page.click('#pull-2 [data-act=pay]')
          await page.locator(`#callbacks .callback:nth-child(${payments})`).waitFor()
        }
        const [weHook] = await Promise.all([page.waitForEvent('popup'), page.click('text=Open WeHook')])
        expect(await weHook.locator('tbody tr').count()).toBe(3)
      })
      expect(await demo.interrupt(), demo.output()).toBe(0)
    },
  )

  it.skipIf(isSkipped)(
    `label, live, open, broken, recovered, closed${isSkipped ? ' (skipped: no Chromium on the PATH)' : ''}`,
    { timeout: SLOW },
    async () => {
      demo = spawnDemo([], dir, await pathWith('git', 'kubectl', 'kustomize'))
      const url = await demo.address()
      await inBrowser(async (page) => {
        await page.goto(url)
        expect(demo?.output()).toContain('the demo goes on with builder none')
        await page.click('[data-select="2"]')
        expect(await page.isDisabled('#pull-2 [data-act=unlabel]')).toBe(true)
        await press(page, 'label')
        await checkIs(page, 'success')

        const sha = (await page.textContent('#check-2 .markdown p'))?.match(/[0-9a-f]{7}/)?.[0] ?? 'no sha'
        const [preview] = await Promise.all([page.waitForEvent('popup'), page.click('#deployments-2 .view')])
        await preview.waitForLoadState()
        expect(new URL(preview.url()).hostname).toBe('feat-gift-cards-shop.localhost')
        expect(await preview.textContent('h1')).toContain(sha)
        expect(await preview.textContent('body')).toContain('Give a garden away')
        await preview.close()

        await press(page, 'break')
        await checkIs(page, 'failure')
        expect(await page.textContent('#check-2 h3')).toMatch(
          /^Failed in render: k8s\/base\/deployment\.yaml: .* line \d+/,
        )
        expect(await page.textContent('#check-2 .markdown')).toContain(`The preview of ${sha} is still up at`)
        expect(await page.textContent('#deployments-2 .failure')).toContain('Failed in render')

        await press(page, 'push')
        await checkIs(page, 'success')
        await page.click('#tab-run')
        const run = page.frameLocator('iframe.shown')
        await run.locator('#log', { hasText: 'k8s/overlays/preview' }).waitFor()
        await page.click('#tab-previews')
        await run.locator('td', { hasText: 'feat/gift-cards' }).waitFor()

        await press(page, 'close')
        await checkIs(page, 'neutral')
        expect(await page.textContent('#check-2 h3')).toBe('Preview removed')
        await page.locator('#deployments-2 .view').waitFor({ state: 'detached' })
        await page.locator('#history summary', { hasText: 'shop #2: remove preview' }).waitFor()
      })
      await expectOnlyItsOwnPageToAct(url)
      expect(await demo.interrupt(), demo.output()).toBe(0)
      expect(await readdir(dir)).toEqual([])
    },
  )
})

/** A PATH with these tools and no others, as far as this machine has them. */
async function pathWith(...names: readonly string[]): Promise<string> {
  const path = await mkdtemp(join(tools, 'bin-'))
  for (const name of names) {
    const command = await commandPathOf(name, process.env.PATH ?? '')
    if (command !== null) await symlink(command, join(path, name))
  }
  return path
}

const press = (page: Page, action: string) => page.click(`#pull-2 [data-act=${action}]`)
const checkIs = (page: Page, state: string) =>
  page.waitForSelector(`#check-2 .line .mark.${state}`, { timeout: 60_000 })

/** Runs `use` in a page, which must not complain. */
async function inBrowser(use: (page: Page) => Promise<void>): Promise<void> {
  const options = executablePath === null ? {} : { executablePath }
  const browser: Browser = await chromium.launch({ ...options, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(error.message))
    await use(page)
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
}

async function expectOnlyItsOwnPageToAct(url: string): Promise<void> {
  const body = JSON.stringify({ action: 'label', pull: 3 })
  const post = (headers: Record<string, string>) => fetch(`${url}act`, { method: 'POST', body, headers })
  expect((await post({})).status).toBe(403)
  expect((await post({ origin: 'http://elsewhere.example' })).status).toBe(403)
  const { origin } = new URL(url)
  expect((await post({ origin, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await post({ origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
}
