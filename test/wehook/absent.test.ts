/** Previews that are not in WeStage's list for a while, and previews of which it can't tell what they take. */
import { afterEach, describe, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, STRIPE } from './given.ts'
import type { PreviewOfList } from './preview-apps.ts'

let here: GivenWeHook
afterEach(() => here.close())

const FIRST = { pull: 1, callbacks: [STRIPE] }
const SECOND = { pull: 2, callbacks: [STRIPE] }

const had = (pull: number): readonly string[] => here.apps.reached(pull).map(({ body }) => body.toString())

/** The first preview does not take what came. */
async function givenWaiting(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  here = await givenWeHook([FIRST, SECOND], settings)
  here.apps.answers(1, 500)
  await here.pay(Buffer.from('waiting'))
  await here.until(() => expect(had(1)).toContain('waiting'))
}

/** From now on the first preview takes what comes. @returns how to see what it took */
function takes(): () => readonly string[] {
  const before = had(1).length
  here.apps.answers(1, 200)
  return () => had(1).slice(before).toSorted()
}

/** WeHook was told that these run. */
async function known(previews: readonly PreviewOfList[]): Promise<void> {
  const before = here.westage.listings()
  here.westage.lists(previews)
  await here.until(() => expect(here.westage.listings()).toBeGreaterThan(before))
}

/** WeHook asked so often more, whether or not something is another. */
async function polled(times: number): Promise<void> {
  const before = here.westage.asked()
  await here.until(() => expect(here.westage.asked()).toBeGreaterThanOrEqual(before + times))
}

describe('a preview that is gone', () => {
  it('is forgotten with what waits for it, though nothing else of the list changes', async () => {
    await givenWaiting()
    await known([SECOND])
    await polled(8)
    const taken = takes()
    here.westage.lists([{ ...FIRST, sinceMs: Date.now() + 1 }, SECOND])
    await here.until(async () => {
      await here.pay(Buffer.from('new'))
      expect(taken()).toContain('new')
    })
    expect(taken()).not.toContain('waiting')
  })

  it('gets what waits for it where it is back before WeHook asks again, whatever else changes meanwhile', async () => {
    await givenWaiting({ every: '1h' })
    for (const pull of [3, 4, 5]) await known([SECOND, { pull, callbacks: [STRIPE] }])
    const taken = takes()
    here.westage.lists([{ ...FIRST, sinceMs: Date.now() + 1 }, SECOND])
    await here.until(() => expect(taken()).toEqual(['waiting']))
  })
})

describe('a preview of which WeStage can not tell what it takes', () => {
  const UNCLEAR = { pull: 1, callbacks: null }

  it('goes on getting what it took before, each once', async () => {
    here = await givenWeHook([FIRST, SECOND])
    await here.pay(Buffer.from('a'))
    await here.until(() => expect(had(1)).toEqual(['a']))
    await known([UNCLEAR, SECOND])
    await polled(4)
    await here.pay(Buffer.from('b'))
    await here.until(() => expect(had(1)).toEqual(['a', 'b']))
    await known([FIRST, SECOND])
    await here.pay(Buffer.from('c'))
    await here.until(() => expect(had(1)).toContain('c'))
    expect(had(1)).toEqual(['a', 'b', 'c'])
  })

  it('keeps what waits for it, however long that is so', async () => {
    await givenWaiting()
    await known([UNCLEAR, SECOND])
    await polled(4)
    const taken = takes()
    await here.until(() => expect(taken()).toEqual(['waiting']))
    await known([{ ...FIRST, sinceMs: Date.now() + 1 }, SECOND])
    await here.pay(Buffer.from('new'))
    await here.until(() => expect(taken()).toContain('new'))
    expect(taken()).toEqual(['new', 'waiting'])
  })

  it('gets, once WeStage can tell, what came since WeHook was started anew, and what waited before', async () => {
    await givenWaiting()
    await known([UNCLEAR, SECOND])
    await polled(2)
    await here.stop()
    const taken = takes()
    await here.restart()
    await here.pay(Buffer.from('new'))
    await here.until(() => expect(had(2)).toContain('new'))
    await polled(4)
    expect(taken()).toEqual([])
    here.westage.lists([{ ...FIRST, sinceMs: Date.now() + 60_000 }, SECOND])
    await here.until(() => expect(taken()).toEqual(['new', 'waiting']))
    await here.pay(Buffer.from('last'))
    await here.until(() => expect(taken()).toContain('last'))
    expect(taken()).toEqual(['last', 'new', 'waiting'])
  })
})
