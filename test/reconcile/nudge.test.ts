/** How soon Argo CD looks at what was pushed: its own poll, every 3 minutes, is too late for every test here. */
import { describe, expect, it } from 'vitest'
import { type World, world } from '../fakes/world.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const FOLDER = 'previews/shop/pr-7'

/** A world whose Argo CD is nudged, with one open labelled pull request at A, and a process that runs. */
function given({ lost = 0 } = {}): World {
  const here = world({ isNudged: true })
  here.nudge.lost = lost
  here.github.open(7, A, 'feat/pay')
  here.github.label(7)
  here.start()
  return here
}

const checkOf = (here: World, sha: string) => here.github.shown()[`#7 ${sha}`]?.check ?? 'none'
const whoOf = (here: World) => here.nudge.asked.map(({ who }) => who)
const gapsOf = (here: World) =>
  here.nudge.asked.slice(1).map(({ atMs }, at) => Math.round((atMs - (here.nudge.asked[at]?.atMs ?? 0)) / 1000))
async function push(here: World, sha: string): Promise<void> {
  here.github.push(7, sha)
  here.webhook(7)
  await here.clock.advance(0)
}
async function close(here: World): Promise<void> {
  here.github.close(7)
  here.webhook(7)
  await here.clock.advance(0)
}

describe('after a push Argo CD looks at once', () => {
  it('by its ApplicationSet where the folder is new', async () => {
    const here = given()
    await here.clock.advance(here.prepareMs)
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    expect(whoOf(here)).toEqual(['ApplicationSet'])
    await here.clock.advance(5_000)
    expect(checkOf(here, A)).toBe('live')
    expect(whoOf(here)).toEqual(['ApplicationSet'])
  })

  it('by the Application where the folder changed', async () => {
    const here = given()
    await here.clock.advance(5_000)
    await push(here, B)
    await here.clock.advance(here.prepareMs)
    expect(whoOf(here)).toEqual(['ApplicationSet', FOLDER])
    await here.clock.advance(5_000)
    expect(checkOf(here, B)).toBe('live')
    expect(whoOf(here)).toEqual(['ApplicationSet', FOLDER])
  })

  it('by its ApplicationSet where the folder went', async () => {
    const here = given()
    await here.clock.advance(5_000)
    await close(here)
    await here.clock.advance(5_000)
    expect(here.argocd.all()).toEqual([])
    expect(checkOf(here, A)).toBe('removed')
    expect(whoOf(here)).toEqual(['ApplicationSet', 'ApplicationSet'])
  })

  it('by its ApplicationSet where a push came before there was an Application', async () => {
    const here = given({ lost: 1 })
    await here.clock.advance(1_000)
    await push(here, B)
    await here.clock.advance(5_000)
    expect(checkOf(here, B)).toBe('live')
    expect(whoOf(here)).toEqual(['ApplicationSet', 'ApplicationSet'])
  })

  it('and is not asked where nothing was pushed', async () => {
    const here = given()
    await here.clock.advance(5_000)
    const asked = here.nudge.asked.length
    for (let nth = 0; nth < 5; nth++) here.webhook(7)
    await here.settle()
    expect(here.nudge.asked).toHaveLength(asked)
  })
})

describe('a nudge that was lost', () => {
  it('is repeated for a new folder, sooner at first, until there is an Application', async () => {
    const here = given({ lost: 4 })
    await here.clock.advance(60_000)
    expect(checkOf(here, A)).toBe('live')
    expect(whoOf(here)).toEqual(Array(5).fill('ApplicationSet'))
    expect(gapsOf(here)).toEqual([1, 2, 4, 8])
  })

  it('is repeated for a changed one until the Application is at what was committed', async () => {
    const here = given()
    await here.clock.advance(5_000)
    here.nudge.lost = 2
    await push(here, B)
    await here.clock.advance(15_000)
    expect(checkOf(here, B)).toBe('live')
    expect(whoOf(here)).toEqual(['ApplicationSet', FOLDER, FOLDER, FOLDER])
  })

  it('is repeated for a removed one until the Application is being deleted', async () => {
    const here = given()
    await here.clock.advance(5_000)
    here.nudge.lost = 2
    await close(here)
    await here.clock.advance(15_000)
    expect(checkOf(here, A)).toBe('removed')
    expect(whoOf(here)).toEqual(Array(4).fill('ApplicationSet'))
  })

  it('is repeated by a process that was started anew meanwhile', async () => {
    const here = given({ lost: 1 })
    await here.clock.advance(1_000)
    here.killAfter(0)
    here.start()
    await here.clock.advance(5_000)
    expect(checkOf(here, A)).toBe('live')
  })

  it('ends with the deadline, and was never repeated more often than the waits allow, whatever webhooks came', async () => {
    const here = given({ lost: Number.POSITIVE_INFINITY })
    here.argocd.pollMs = 3_600_000
    for (let nth = 0; nth < 600; nth++) {
      here.webhook(7)
      await here.clock.advance(1_000)
    }
    await here.clock.advance(60_000)
    expect(checkOf(here, A)).toBe('failed')
    const asked = here.nudge.asked.length
    expect(asked).toBeLessThanOrEqual(16)
    await here.settle()
    expect(here.nudge.asked).toHaveLength(asked)
  })

  it('leaves everything to the poll where all of them are lost', async () => {
    const here = given({ lost: Number.POSITIVE_INFINITY })
    await here.clock.advance(240_000)
    expect(checkOf(here, A)).toBe('live')
    await close(here)
    await here.clock.advance(240_000)
    expect(checkOf(here, A)).toBe('removed')
  })
})

describe('what people change is looked at as soon as what WeStage pushes', () => {
  /** How often it was before. */
  let asked = 0
  const since = (here: World) => whoOf(here).slice(asked)

  /** Live at B, after A; a person changes the folder, and the GitOps repo's webhook says so. */
  async function changed(does: (here: World) => void, lost = 0): Promise<World> {
    const here = given()
    await here.clock.advance(5_000)
    await push(here, B)
    await here.clock.advance(5_000)
    here.nudge.lost = lost
    asked = whoOf(here).length
    does(here)
    here.pushWebhook()
    await here.clock.advance(0)
    return here
  }
  const removed = ({ gitops }: World) => gitops.remove(FOLDER)
  const reverted = ({ gitops }: World) => gitops.revert(FOLDER)

  it('by its ApplicationSet where they took the folder away', async () => {
    const here = await changed(removed)
    await here.clock.advance(1_000)
    expect(checkOf(here, B)).toBe('held')
    expect(here.argocd.all()).toEqual([])
    await here.settle()
    expect(since(here)).toEqual(['ApplicationSet'])
  })

  it('by the Application where they reverted an update', async () => {
    const here = await changed(reverted)
    await here.clock.advance(1_000)
    expect(checkOf(here, B)).toBe('held')
    expect(here.argocd.of(FOLDER)?.sync.revision).toBe(here.gitops.tipId())
    await here.settle()
    expect(since(here)).toEqual([FOLDER])
  })

  it.each([
    ['took the folder away', removed, 'ApplicationSet'],
    ['reverted an update', reverted, FOLDER],
  ] as const)('and is asked again where they %s and it has not seen that', async (_, does, who) => {
    const here = await changed(does, 3)
    await here.settle()
    expect(since(here)).toEqual(Array(4).fill(who))
    expect(gapsOf(here).slice(asked)).toEqual([1, 2, 4])
  })

  it('and is left to its poll in the end, and by a process that comes later', async () => {
    const here = await changed(removed, Number.POSITIVE_INFINITY)
    here.argocd.pollMs = 3_600_000
    await here.settle()
    const times = since(here).length
    expect(times).toBeLessThanOrEqual(9)
    here.killAfter(0)
    here.start()
    await here.settle()
    expect(since(here)).toHaveLength(times)
    expect(checkOf(here, B)).toBe('held')
  })
})

describe('what was seen is not asked for again', () => {
  it('while its pods start', async () => {
    const here = given()
    here.silentHosts.add('feat-pay-shop.test')
    await here.clock.advance(120_000)
    expect(checkOf(here, A)).toBe('running')
    expect(whoOf(here)).toEqual(['ApplicationSet'])
  })

  it('and a preview that comes back while its old Application is being deleted is asked for until it is there', async () => {
    const here = given()
    await here.clock.advance(5_000)
    await close(here)
    await here.clock.advance(300)
    expect(here.argocd.of(FOLDER)).toMatchObject({ isDeleting: true })
    here.github.reopen(7)
    here.webhook(7)
    await here.clock.advance(10_000)
    expect(checkOf(here, A)).toBe('live')
    expect(new Set(whoOf(here))).toEqual(new Set(['ApplicationSet']))
  })
})

describe('without nudges', () => {
  it('Argo CD is left to its poll', async () => {
    const here = world()
    here.argocd.pollMs = 180_000
    here.github.open(7, A, 'feat/pay')
    here.github.label(7)
    here.start()
    await here.clock.advance(170_000)
    expect(checkOf(here, A)).toBe('running')
    await here.clock.advance(60_000)
    expect(checkOf(here, A)).toBe('live')
    expect(here.nudge.asked).toEqual([])
  })
})
