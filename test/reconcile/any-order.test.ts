import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type World, world } from '../fakes/world.ts'

const HEADS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40))
const BROKEN = 'd'.repeat(40)
const FOLDER = 'previews/shop/pr-7'

type Deed = 'label' | 'unlabel' | 'close' | 'reopen' | { push: string }

interface Moment {
  readonly deed: Deed
  /** How often its webhook arrives: 0 is lost, 2 is redelivered. */
  readonly deliveries: number
  /** How many moments later it arrives: others may overtake it. */
  readonly lateBy: number
  /** Time until the next moment, milliseconds. */
  readonly thenMs: number
}

const moments: fc.Arbitrary<Moment[]> = fc.array(
  fc.record({
    deed: fc.oneof(
      fc.constantFrom<Deed>('label', 'unlabel', 'close', 'reopen'),
      fc.constantFrom(...HEADS).map((push) => ({ push })),
    ),
    deliveries: fc.integer({ min: 0, max: 2 }),
    lateBy: fc.integer({ min: 0, max: 3 }),
    thenMs: fc.constantFrom(0, 1, 150, 400, 2_000, 20_000),
  }),
  { minLength: 1, maxLength: 10 },
)

function given(): World {
  const here = world()
  here.broken.add(BROKEN)
  here.github.open(7, HEADS[0] ?? '', 'feat/pay')
  here.start()
  return here
}

function doIt(here: World, deed: Deed): void {
  if (typeof deed === 'object') here.github.push(7, deed.push)
  else here.github[deed](7)
}

/** What must be true at the end, whatever was told to WeStage and when: it follows from the pull request alone. */
async function expectSettled(here: World, { isHeardLast }: { isHeardLast: boolean }): Promise<void> {
  const pull = await here.github.read({ repositoryId: 1, pull: 7, app: 'shop' }, new AbortController().signal)
  const shown = here.github.shown()
  const preview = here.gitops.tip().get(FOLDER)?.get('preview.yaml')
  expect(Object.values(shown).filter(({ check }) => check === 'running')).toEqual([])
  const deployments = Object.entries(shown).filter(
    ([, { deployment }]) => deployment !== 'inactive' && deployment !== 'none',
  )
  if (pull.ended !== null) {
    expect(preview).toBeUndefined()
    expect(here.argocd.all()).toEqual([])
    expect(deployments).toEqual([])
    // Where it was alive once more without anybody hearing of it, that head may go on saying what it said before.
    if (isHeardLast) expect(['removed', undefined]).toContain(shown[`#7 ${pull.head}`]?.check)
    return
  }
  if (pull.head === BROKEN) {
    expect(shown[`#7 ${BROKEN}`]?.check).toBe('failed')
    expect(preview ?? '').not.toContain(BROKEN)
    return
  }
  expect(preview).toContain(pull.head)
  expect(shown[`#7 ${pull.head}`]).toEqual({ check: 'live', deployment: 'success' })
  expect(deployments.map(([id]) => id)).toEqual([`#7 ${pull.head}`])
  expect(here.argocd.all().map(({ health, sync }) => [health.status, sync.status])).toEqual([['Healthy', 'Synced']])
}

/** Whether a webhook came when the last deed was done. */
const isHeardLast = (story: readonly Moment[]): boolean =>
  story.some(({ deliveries, lateBy }, from) => deliveries > 0 && from + lateBy === story.length - 1)

describe('webhooks', () => {
  it('in any order, repeated or lost, lead to the same end state', async () => {
    await fc.assert(
      fc.asyncProperty(moments, async (story) => {
        const here = given()
        for (const [at, { deed, thenMs }] of story.entries()) {
          doIt(here, deed)
          const arriving = story.filter((other, from) => from + other.lateBy === at)
          for (const { deliveries } of arriving) for (let nth = 0; nth < deliveries; nth++) here.webhook(7)
          await here.clock.advance(thenMs)
        }
        await here.settle()
        await expectSettled(here, { isHeardLast: isHeardLast(story) })
      }),
      { numRuns: Number(process.env.WESTAGE_PROPERTY_RUNS ?? 150) },
    )
  })
})

describe('a process', () => {
  it('killed between any two calls and started again leads to the same end state', async () => {
    await fc.assert(
      fc.asyncProperty(moments, fc.integer({ min: 1, max: 60 }), fc.boolean(), async (story, calls, isLateStart) => {
        const here = given()
        here.killAfter(calls)
        for (const { deed, deliveries, thenMs } of story) {
          doIt(here, deed)
          for (let nth = 0; nth < deliveries; nth++) here.webhook(7)
          await here.clock.advance(thenMs)
          if (!isLateStart && !here.isAlive()) here.start()
        }
        const isStartedLast = !here.isAlive()
        if (isStartedLast) here.start()
        here.killAfter(Number.POSITIVE_INFINITY)
        await here.settle()
        await expectSettled(here, { isHeardLast: isStartedLast })
      }),
      { numRuns: Number(process.env.WESTAGE_PROPERTY_RUNS ?? 150) },
    )
  })

  it.each([
    ['going live', async () => {}],
    [
      'an update',
      async (here: World) => {
        await here.settle()
        here.github.push(7, HEADS[1] ?? '')
        here.webhook(7)
      },
    ],
    [
      'a removal',
      async (here: World) => {
        await here.settle()
        here.github.close(7)
        here.webhook(7)
      },
    ],
  ] as const)('killed at each boundary of %s ends as one that was not', async (_, story) => {
    let boundaries = 0
    for (let calls = 1; ; calls++) {
      const here = given()
      here.github.label(7)
      await story(here)
      here.killAfter(calls)
      await here.settle()
      if (here.isAlive()) break
      boundaries++
      here.start()
      await here.settle()
      await expectSettled(here, { isHeardLast: true })
    }
    expect(boundaries).toBeGreaterThan(5)
  })
})
