/** Stopped in the middle of any step and started again: the same end state as without. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { endStateOf } from './end-state.ts'
import { givenInstance, REPO } from './given.ts'
import { HELD_STEPS, type Held, reach } from './held-steps.ts'
import { leftBehind, processFolders } from './left-behind.ts'
import { startOwnTime } from './own-time.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

let held: Held | null = null
afterEach(async () => {
  await held?.close()
  held = null
})

/** The product's promise, by a clock that others on the machine do not wind. */
const GONE_WITHIN_MS = 1000
/** Two builds, on a machine with much else to do. */
const LONG = { timeout: 120_000 }

/** Of an image that is built, only that it is one tells the end states apart. */
const withoutImages = (state: object): string =>
  JSON.stringify(state, null, 1)
    .replace(/127\.0\.0\.1:PORT\/shop@sha256:\w+/g, 'registry.example.com/acme/shop:1')
    .replace(/images:.*?(?=\\n\w)/g, 'images: []')

let undisturbed = ''
beforeAll(async () => {
  const here = await givenInstance()
  const pull = here.openPull('feat/pay', { 'site/new.html': 'new' })
  await here.live(pull)
  undisturbed = withoutImages(await endStateOf(here, pull))
  await here.close()
})

describe.each(HELD_STEPS)('a service that is stopped while a run is at $step', ({ isMissing, hold }) => {
  const test = it.skipIf(isMissing !== '')
  const named = (name: string) => (isMissing === '' ? name : `${name} (skipped: ${isMissing})`)

  async function stopAt(): Promise<number> {
    held = await hold()
    const pull = await reach(held)
    const { here } = held
    const ownMs = startOwnTime()
    await here.stop()
    expect(ownMs()).toBeLessThan(GONE_WITHIN_MS)
    // What tidies up after a build may need longer on a busy machine; what was held would be there for a minute.
    await here.until(async () => expect(await leftBehind()).toEqual([]))
    expect(await processFolders()).toEqual([])
    await held.release()
    return pull
  }

  test(named('leaves nothing running, and started again it comes to the same end as without'), LONG, async () => {
    const pull = await stopAt()
    const { here } = held ?? (await hold())
    await here.start()
    await here.live(pull)
    await here.until(async () => expect(withoutImages(await endStateOf(here, pull))).toBe(undisturbed))
  })

  test(named('removes the preview of a pull request that was closed meanwhile'), LONG, async () => {
    const pull = await stopAt()
    const { here } = held ?? (await hold())
    here.github.closePull(REPO, pull)
    await here.start()
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'))
    await here.until(() => expect(here.lastStatusOf(here.headOf(pull))?.state).toBe('inactive'))
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toBeNull()
    expect(here.argocd.applications()).toEqual([])
  })
})
