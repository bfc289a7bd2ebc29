/** A run that has lost its point ends within a second wherever it is, and nothing of it is left. */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { type Given, REPO } from './given.ts'
import { type Ending, HELD_STEPS, type Held, reach } from './held-steps.ts'
import { leftBehind } from './left-behind.ts'
import { startOwnTime } from './own-time.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

let held: Held | null = null
afterEach(async () => {
  await held?.close()
  held = null
})

/** The product's promise, by a clock that others on the machine do not wind. */
const ENDED_WITHIN_MS = 1000
/** Two builds, on a machine with much else to do. */
const LONG = { timeout: 120_000 }

const END: Readonly<Record<Ending, (here: Given, pull: number) => void>> = {
  'the close': ({ github }, pull) => github.closePull(REPO, pull),
  'the label’s removal': ({ github }, pull) => github.unlabel(REPO, pull, 'westage'),
}

describe.each(HELD_STEPS)('a run that is at $step', ({ isWork, isMissing, endings, hold }) => {
  const test = it.skipIf(isMissing !== '')
  const named = (name: string) => (isMissing === '' ? name : `${name} (skipped: ${isMissing})`)

  /** Does something to the pull request: the work that is under way ends in time, and then what it had is gone. */
  async function endsAt({ here }: Held, act: () => void): Promise<void> {
    const before = await leftBehind()
    const ended = isWork ? here.nextLine('run ended early') : null
    const ownMs = startOwnTime()
    act()
    await ended
    expect(ownMs()).toBeLessThan(ENDED_WITHIN_MS)
    const now = await leftBehind()
    expect(before.filter((line) => now.includes(line))).toEqual([])
  }

  test(
    named('ends within a second of a push; the older Check and Deployment are closed, only the newer goes live'),
    LONG,
    async () => {
      held = await hold()
      const { here } = held
      const pull = await reach(held)
      const older = here.headOf(pull)
      let newer = ''
      await endsAt(held, () => {
        newer = here.github.push(REPO, pull, { 'site/new.html': 'newer' })
      })
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

  test.each(endings)(named('ends within a second of %s, and nothing of the preview stays'), LONG, async (ending) => {
    held = await hold()
    const { here } = held
    const pull = await reach(held)
    const head = here.headOf(pull)
    await endsAt(held, () => END[ending](here, pull))
    await held.release()
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'))
    await here.until(() => expect(here.lastStatusOf(head)?.state).toBe('inactive'))
    expect(here.statesOf(head)).not.toContain('success')
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toBeNull()
    expect(here.argocd.applications()).toEqual([])
    await here.until(async () => expect(await leftBehind()).toEqual([]))
  })
})
