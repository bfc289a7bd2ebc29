/** What no webhook told, what failed at a bad moment, and what comes of both. */
import { describe, expect, it } from 'vitest'
import { NotReady, Terminal } from '../../src/domain/errors.ts'
import { keyText } from '../../src/domain/key.ts'
import { resync } from '../../src/reconcile/resync.ts'
import { startLoop } from '../../src/worker/loop.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'
import { type World, world, worldOf } from '../fakes/world.ts'
import { A, B, checkOf, FOLDER, given, restart } from './one-pull.ts'

const MINUTE = 60_000

/** With the head failed for good, before anything of it was committed. */
async function givenFailed(): Promise<World> {
  const here = given()
  here.broken.add(A)
  await here.settle()
  here.broken.clear()
  return here
}

describe('a pull request that changes while its preview is prepared, and no webhook says so', () => {
  it('is read again before anything is committed', async () => {
    const here = given()
    here.prepareMs = 4 * MINUTE
    await here.clock.advance(1_000)
    here.github.unlabel(7)
    await here.clock.advance(4.5 * MINUTE)
    expect(here.prepared).toEqual([A])
    expect(here.gitops.commits()).toHaveLength(1)
    await here.settle()
    expect(here.gitops.commits()).toHaveLength(1)
    expect(checkOf(here, A).deployment).toBe('inactive')
  })

  it('has its run ended by the next pass', async () => {
    const here = given()
    here.prepareMs = 60 * MINUTE
    await here.clock.advance(1_000)
    here.github.push(7, B)
    here.prepareMs = 200
    await here.clock.advance(6 * MINUTE)
    expect(here.prepared).toEqual([B])
    expect(checkOf(here, B).check).toBe('live')
  })
})

describe('a removal', () => {
  it('that the GitOps repo refuses is tried again until it is taken', async () => {
    const here = given()
    await here.settle()
    here.gitops.failCommits(new Terminal('the branch is protected', { whose: 'operator' }))
    here.github.close(7)
    here.webhook(7)
    for (let nth = 0; nth < 3; nth++) await here.settle()
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    here.gitops.failCommits(null)
    await here.settle()
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
  })

  it('that waits for its Application says nothing of a run that was waiting', async () => {
    const here = given()
    await here.settle()
    here.unbuilt.add(B)
    here.github.push(7, B)
    here.webhook(7)
    await here.clock.advance(MINUTE)
    expect(here.github.titleOf(7, B)).toBe('Waiting: no image yet')
    const waiting = here.github.writes()
    here.github.close(7)
    here.webhook(7)
    await here.clock.advance(450)
    expect(here.argocd.all()).toHaveLength(1)
    expect(here.github.writes()).toBe(waiting)
    await here.settle()
    expect(here.github.titleOf(7, B)).toBe('Preview removed')
  })
})

describe('after a restart, a preview', () => {
  it('that failed in the cluster is shown, and is live once it recovers', async () => {
    const here = given()
    here.argocd.crashing.add(A)
    await here.clock.advance(MINUTE)
    restart(here)
    await here.clock.advance(MINUTE)
    expect(here.views().map(({ state }) => state)).toEqual(['failed'])
    here.argocd.crashing.clear()
    here.argocd.recover(FOLDER)
    await here.clock.advance(MINUTE)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('that is syncing is shown as that', async () => {
    const here = given()
    here.silentHosts.add('feat-pay-shop.test')
    await here.clock.advance(MINUTE)
    restart(here)
    await here.clock.advance(5_000)
    expect(here.views().map(({ state }) => state)).toEqual(['syncing'])
  })

  it('that is live stays told so when looking after its older revisions fails', async () => {
    const here = given()
    await here.settle()
    const writes = here.github.writes()
    here.github.failNext('settle', new Error('502'))
    restart(here)
    await here.settle()
    expect(here.github.writes()).toBe(writes)
  })

  it('that failed for good stays failed when looking after its older revisions fails', async () => {
    const here = await givenFailed()
    here.github.failNext('settle', new Error('502'))
    restart(here)
    await here.settle()
    expect(checkOf(here, A).check).toBe('failed')
    expect(here.prepared).toEqual([])
  })
})

it('a fork that could not be told at first gets its Check, and no Deployment', async () => {
  const here = world()
  here.github.open(7, A)
  here.github.label(7)
  here.github.fork(7)
  here.github.failNext('report', new Error('502'))
  here.start()
  await here.settle()
  expect(here.github.shown()).toEqual({ [`#7 ${A}`]: { check: 'refused', deployment: 'none' } })
})

describe('a re-run of a revision that is in the folder', () => {
  async function givenLive(): Promise<World> {
    const here = given()
    await here.settle()
    expect(here.prepared).toEqual([A])
    return here
  }

  it('is made again until it is committed, whatever comes in between', async () => {
    const here = await givenLive()
    here.gitops.failCommits(new Error('connection reset'))
    here.github.requestRerun(7)
    here.webhook(7)
    await here.clock.advance(1_500)
    expect(here.prepared).toEqual([A, A])
    here.gitops.failCommits(null)
    restart(here)
    await here.settle()
    expect(here.prepared).toEqual([A, A, A])
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('waits for its image as a first one does', async () => {
    const here = await givenLive()
    here.unbuilt.add(A)
    here.github.requestRerun(7)
    here.webhook(7)
    await here.clock.advance(5 * MINUTE)
    expect(here.github.titleOf(7, A)).toBe('Waiting: no image yet')
    here.unbuilt.clear()
    await here.clock.advance(MINUTE)
    expect(here.prepared).toEqual([A, A])
    expect(checkOf(here, A).check).toBe('live')
  })

  it('that failed before it was committed is not taken for live by what is there', async () => {
    const here = await givenLive()
    here.broken.add(A)
    here.github.requestRerun(7)
    here.webhook(7)
    await here.clock.advance(MINUTE)
    expect(checkOf(here, A).check).toBe('failed')
    here.webhook(7)
    restart(here)
    await here.settle()
    expect(checkOf(here, A).check).toBe('failed')
  })
})

describe('a run', () => {
  const running = (here: World) =>
    here.runs.all().flatMap((run) =>
      run
        .steps()
        .filter(({ outcome }) => outcome === 'running')
        .map(({ step }) => step),
    )

  it.each<[string, (here: World) => void]>([
    ['a push', (here) => here.github.push(7, B)],
    ['a close', (here) => here.github.close(7)],
    ['a revert', (here) => here.gitops.revert(FOLDER)],
  ])('whose hosts are waited for has no step under way after %s', async (_, happen) => {
    const here = given()
    here.silentHosts.add('feat-pay-shop.test')
    await here.clock.advance(MINUTE)
    expect(running(here)).toEqual(['resolve'])
    happen(here)
    here.silentHosts.clear()
    here.webhook(7)
    await here.settle()
    expect(running(here)).toEqual([])
  })

  it.each<[string, (here: World) => void]>([
    ['a push', (here) => here.github.push(7, B)],
    ['a close', (here) => here.github.close(7)],
  ])('that waits for its image has none after %s', async (_, happen) => {
    const here = given()
    here.unbuilt.add(A)
    await here.clock.advance(MINUTE)
    expect(running(here)).toEqual(['render'])
    happen(here)
    here.webhook(7)
    await here.settle()
    expect(running(here)).toEqual([])
  })

  it('that failed in the cluster has none, however often it is looked at', async () => {
    const here = given()
    here.argocd.crashing.add(A)
    await here.clock.advance(MINUTE)
    for (let nth = 0; nth < 3; nth++) {
      here.webhook(7)
      await here.clock.advance(MINUTE)
    }
    expect(running(here)).toEqual([])
    expect(here.runs.all()).toHaveLength(1)
  })
})

describe('waiting', () => {
  it('for hosts asks GitHub less and less', async () => {
    const here = given()
    here.silentHosts.add('feat-pay-shop.test')
    await here.clock.advance(2 * MINUTE)
    const before = here.github.reads()
    await here.clock.advance(4 * MINUTE)
    expect(here.github.reads() - before).toBeLessThan(20)
  })
})

describe('a pass', () => {
  it('over everything leaves unlabelled pull requests alone that have not changed for a day', async () => {
    const here = world()
    for (let number = 1; number <= 20; number++) here.github.open(number, A)
    await here.clock.advance(2 * 86_400_000)
    here.github.open(21, A)
    here.start()
    await here.settle()
    expect(here.github.reads()).toBe(1)
  })

  it('does not remove many previews at once because their app has another name now', async () => {
    const here = await worldOf(10, A)
    here.killAfter(0)
    const logged: string[] = []
    const enqueued: string[] = []
    const passes = resync({
      pulls: here.github,
      branch: here.gitops,
      clock: here.clock,
      appsOf: () => ['shop-v2'],
      alive: () => [],
      isKept: () => false,
      log: (_, message) => logged.push(message),
    })
    const pass = () => passes.pass('all', (key) => enqueued.push(keyText(key)), new AbortController().signal)
    await pass()
    expect(enqueued.filter((text) => text.endsWith('/shop'))).toEqual([])
    expect(logged.join()).toContain('until a second complete pass agrees')
    await pass()
    expect(enqueued.filter((text) => text.endsWith('/shop'))).toHaveLength(10)
  })

  it('that fails later does not make the service unready', async () => {
    const clock = virtualClock()
    let failure: Error | null = null
    const loop = startLoop({
      reconcile: async () => ({ kind: 'done' }),
      isOutdated: async () => false,
      pass: async () => {
        if (failure !== null) throw failure
      },
      look: async () => {},
      resyncMs: MINUTE,
      concurrency: 1,
      clock,
      log: () => {},
    })
    await clock.advance(1)
    expect(loop.isSynced()).toBe(true)
    failure = new NotReady('GitHub is down', 1_000)
    loop.resync()
    await clock.advance(1)
    expect(loop.isSynced()).toBe(true)
  })
})
