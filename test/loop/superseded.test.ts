/** A run that has lost its point ends within a second wherever it is, and nothing of it is left. */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { type Given, REPO } from './given.ts'
import { HELD_STEPS, type Held, reach } from './held-steps.ts'
import { leftBehind } from './left-behind.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

let held: Held | null = null
afterEach(async () => {
  await held?.close()
  held = null
})

/** The product's promise. The doubles share this process and its two cores, so a slow moment gets another try. */
const GONE_WITHIN_MS = 1000
const TRIES = { retry: 2 }

describe.each(HELD_STEPS)('a run that is at $step', ({ isWork, isMissing, hold }) => {
  const test = it.skipIf(isMissing !== '')
  const named = (name: string) => (isMissing === '' ? name : `${name} (skipped: ${isMissing})`)

  /** Does something to the pull request. @returns how long what was there before stays */
  async function msUntilGone({ here }: Held, act: () => void): Promise<number> {
    const before = await leftBehind()
    const endings = () => here.logged.filter((line) => line.includes('run ended early')).length
    const endedBefore = endings()
    const startedAtMs = performance.now()
    act()
    await here.until(async () => {
      if (isWork) expect(endings()).toBeGreaterThan(endedBefore)
      const now = await leftBehind()
      expect(before.filter((line) => now.includes(line))).toEqual([])
    })
    return performance.now() - startedAtMs
  }

  test(
    named('ends within a second of a push; the older Check and Deployment are closed, only the newer goes live'),
    TRIES,
    async () => {
      held = await hold()
      const { here } = held
      const pull = await reach(held)
      const older = here.headOf(pull)
      let newer = ''
      const goneMs = await msUntilGone(held, () => {
        newer = here.github.push(REPO, pull, { 'site/new.html': 'newer' })
      })
      expect(goneMs).toBeLessThan(GONE_WITHIN_MS)
      await held.release()
      await here.live(pull)
      expect(here.headOf(pull)).toBe(newer)
      await here.until(() =>
        expect(here.checkOf(pull, older)).toMatchObject({
          conclusion: 'cancelled',
          output: { title: `Superseded by ${newer.slice(0, 7)}` },
        }),
      )
      await here.until(() => expect(here.lastStatusOf(older)?.state).toBe('inactive'))
      expect(here.statesOf(older)).not.toContain('success')
      expect(here.statesOf(newer).filter((state) => state === 'success')).toHaveLength(1)
      expect(await here.file('previews/shop/pr-1/preview.yaml')).toContain(newer)
      await here.until(async () => expect(await leftBehind()).toEqual([]))
    },
  )

  test.each([
    ['the close', (here: Given, pull: number) => here.github.closePull(REPO, pull)],
    ['the label’s removal', (here: Given, pull: number) => here.github.unlabel(REPO, pull, 'westage')],
  ])(named('ends within a second of %s, and nothing of the preview stays'), TRIES, async (_, end) => {
    held = await hold()
    const { here } = held
    const pull = await reach(held)
    const head = here.headOf(pull)
    expect(await msUntilGone(held, () => end(here, pull))).toBeLessThan(GONE_WITHIN_MS)
    await held.release()
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'))
    await here.until(() => expect(here.lastStatusOf(head)?.state).toBe('inactive'))
    expect(here.statesOf(head)).not.toContain('success')
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toBeNull()
    expect(here.argocd.applications()).toEqual([])
    await here.until(async () => expect(await leftBehind()).toEqual([]))
  })
})
