/** Writes the pictures of the README: the demo's page, and a pull request's Check. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { findChromium } from './find-chromium.ts'
import { spawnDemo } from './spawn-demo.ts'

const images = fileURLToPath(new URL('../../docs/images', import.meta.url))

async function takePictures(page: Page, url: string): Promise<void> {
  const press = (pull: number, action: string) => page.click(`#pull-${pull} [data-act=${action}]`)
  const checkOf = (pull: number, state: string) => page.waitForSelector(`#check-${pull} .mark.${state}`)
  await page.goto(url)
  await checkOf(1, 'success')
  await page.click('[data-select="2"]')
  await press(2, 'label')
  await checkOf(2, 'success')
  await press(2, 'break')
  await checkOf(2, 'failure')
  await page.click('[data-select="1"]')
  await press(1, 'push')
  await checkOf(1, 'running')
  await checkOf(1, 'success')
  await press(1, 'pay')
  await page.waitForSelector('#callbacks .badge.good')
  await settled(page)
  await page.screenshot({ path: join(images, 'demo-page.png') })
  await page.click('[data-select="2"]')
  await page.locator('#check-2 .check').screenshot({ path: join(images, 'check-failed.png') })
  await page.click('[data-select="1"]')
  await page.locator('#check-1 .check').screenshot({ path: join(images, 'check.png') })
}

/** WeStage's own pages are in the frame, and nothing is under way. */
async function settled(page: Page): Promise<void> {
  await page.mouse.move(0, 0)
  await page.waitForSelector('.busy', { state: 'detached' })
  await page.frameLocator('iframe.shown').locator('.badge.good').first().waitFor()
  await page.waitForTimeout(1_500)
}

const executablePath = await findChromium()
if (executablePath === null) throw new Error('no chromium, chromium-browser or google-chrome on the PATH')
const dir = await mkdtemp(join(tmpdir(), 'demo-screenshots-'))
await mkdir(images, { recursive: true })
const demo = spawnDemo([], dir)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
  await takePictures(page, await demo.address())
} finally {
  await browser.close()
  await demo.interrupt()
  await rm(dir, { recursive: true, force: true })
}
