/** What a pull request is told of objects that fail in the cluster, and how soon. */
import { describe, expect, it } from 'vitest'
import type { ResourceEvent, ResourceNode } from '../../src/domain/resource-tree.ts'
import { deployment, node, pod, replicaSet } from '../domain/trees.ts'
import { type World, world } from '../fakes/world.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const APPLICATION = 'previews-shop-pr-7'
const FOLDER = 'previews/shop/pr-7'

function given(): World {
  const here = world()
  here.github.open(7, A, 'feat/pay')
  here.github.label(7)
  here.argocd.unready.add(A)
  here.start()
  return here
}
const checkOf = (here: World, sha = A) => here.github.shown()[`#7 ${sha}`]?.check
const reasonOf = (here: World) => here.views()[0]?.reason
const linesOf = (here: World) => here.runs.all().at(-1)?.lines ?? []

const event = (reason: string, message: string, count = 1): ResourceEvent => ({
  isWarning: true,
  reason,
  message,
  count,
  container: 'web',
})
const message = 'back-off 40s restarting failed container=web pod=web-new-1_x(2f)'
/** The tree of the new revision, with a pod that was made after `afterMs` of the world's time. */
const treeWith = (here: World, state: string, restarts: number, changes: Partial<ResourceNode> = {}) => [
  deployment,
  replicaSet('web-new', 2),
  pod('web-new-1', state, restarts, {
    createdAtMs: here.clock.now(),
    health: { status: 'Degraded', message: state === 'CrashLoopBackOff' ? message : '' },
    ...changes,
  }),
]
const UID = 'uid of Pod/web-new-1'

describe('a preview whose pod', () => {
  it('crashes is told as soon as it crashed three times, with its log and its events', async () => {
    const here = given()
    await here.clock.advance(20_000)
    here.resources.trees.set(APPLICATION, treeWith(here, 'CrashLoopBackOff', 2))
    here.resources.logsOf.set(UID, ['starting', 'DATABASE_URL is not set'])
    here.resources.eventsOf.set(UID, [event('BackOff', 'Back-off restarting failed container web', 7)])
    await here.clock.advance(60_000)
    expect(checkOf(here)).toBe('running')
    here.resources.trees.set(
      APPLICATION,
      treeWith(here, 'CrashLoopBackOff', 3, { createdAtMs: here.clock.now() - 60_000 }),
    )
    await here.clock.advance(30_000)
    expect(checkOf(here)).toBe('failed')
    expect(reasonOf(here)).toBe(`Pod/web-new-1: CrashLoopBackOff: ${message} (3 restarts)`)
    expect(linesOf(here).slice(-6)).toEqual([
      'Last lines of web in Pod/web-new-1:',
      'starting',
      'DATABASE_URL is not set',
      'Events of Pod/web-new-1:',
      'Warning BackOff (7 times): Back-off restarting failed container web',
      `Pod/web-new-1: CrashLoopBackOff: ${message} (3 restarts)`,
    ])
  })

  it('gets no image is told long before the deadline, and is live once the image is there', async () => {
    const here = given()
    await here.clock.advance(20_000)
    here.resources.trees.set(APPLICATION, treeWith(here, 'ImagePullBackOff', 0))
    here.resources.eventsOf.set(UID, [event('Failed', 'Failed to pull image "r/shop:1": not found')])
    await here.clock.advance(30_000)
    expect(checkOf(here)).toBe('failed')
    expect(reasonOf(here)).toBe('Pod/web-new-1: ImagePullBackOff: Failed to pull image "r/shop:1": not found')
    const asked = here.resources.asked()
    await here.clock.advance(120_000)
    expect(here.resources.asked()).toBe(asked)
    here.argocd.recover(FOLDER)
    await here.settle()
    expect(checkOf(here)).toBe('live')
  })

  it('is up between two crashes is not called live, before it was told as failed and after', async () => {
    const here = given()
    await here.clock.advance(20_000)
    for (const restarts of [1, 2, 3, 4]) {
      const changes = { createdAtMs: here.clock.now() - 1_000 }
      here.argocd.recover(FOLDER)
      here.resources.trees.set(APPLICATION, treeWith(here, 'Running', restarts, changes))
      await here.clock.advance(10_000)
      here.argocd.ail(FOLDER)
      here.resources.trees.set(APPLICATION, treeWith(here, 'CrashLoopBackOff', restarts, changes))
      await here.clock.advance(40_000)
      expect(checkOf(here)).toBe(restarts < 3 ? 'running' : 'failed')
    }
    here.argocd.recover(FOLDER)
    here.resources.trees.set(APPLICATION, treeWith(here, 'Running', 5))
    await here.clock.advance(15_000)
    expect(checkOf(here)).toBe('failed')
    await here.clock.advance(10_000)
    expect(checkOf(here)).toBe('live')
  })

  it('crashed before the commit already is not blamed before the new one is there', async () => {
    const here = given()
    const before = here.clock.now() - 3_600_000
    here.resources.trees.set(APPLICATION, treeWith(here, 'CrashLoopBackOff', 40, { createdAtMs: before }))
    await here.clock.advance(120_000)
    expect(checkOf(here)).toBe('running')
  })

  it('gets no image still is told at once when a re-run changes nothing', async () => {
    const here = given()
    await here.clock.advance(20_000)
    here.resources.trees.set(APPLICATION, treeWith(here, 'ImagePullBackOff', 0))
    await here.clock.advance(30_000)
    expect(checkOf(here)).toBe('failed')
    const commits = here.gitops.commits().length
    here.github.unlabel(7)
    here.github.label(7)
    here.webhook(7)
    await here.clock.advance(30_000)
    expect(here.runs.all()).toHaveLength(2)
    expect(here.gitops.commits()).toHaveLength(commits)
    expect(checkOf(here)).toBe('failed')
  })

  it('never gets ready is told at the deadline, with why', async () => {
    const here = given()
    await here.clock.advance(20_000)
    const health = { status: 'Progressing', message: '' }
    here.resources.trees.set(APPLICATION, treeWith(here, 'Running', 0, { health }))
    here.resources.eventsOf.set(UID, [
      event('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503'),
    ])
    await here.clock.advance(560_000)
    expect(checkOf(here)).toBe('running')
    await here.clock.advance(60_000)
    expect(checkOf(here)).toBe('failed')
    expect(reasonOf(here)).toBe(
      'Not live 10 min after the commit: waiting for its objects to be healthy, it is Progressing. Pod/web-new-1: not ready: Readiness probe failed: HTTP probe failed with statuscode: 503',
    )
  })
})

describe('a preview that Argo CD calls Degraded', () => {
  it('is told with the pod that is to blame', async () => {
    const here = given()
    here.argocd.crashing.add(A)
    here.argocd.unready.clear()
    here.resources.trees.set(APPLICATION, [
      { ...deployment, health: { status: 'Degraded', message: 'exceeded its progress deadline' } },
      ...treeWith(here, 'CrashLoopBackOff', 1).slice(1),
    ])
    await here.clock.advance(30_000)
    expect(reasonOf(here)).toBe(
      `Deployment/web: CrashLoopBackOff; Pod/web-new-1: CrashLoopBackOff: ${message} (1 restart)`,
    )
  })

  it('and does not say why, has the object named by the tree', async () => {
    const here = given()
    here.argocd.crashing.add(A)
    here.argocd.unready.clear()
    here.argocd.keepsHealthOfObjects = false
    here.resources.trees.set(APPLICATION, [
      node('Deployment', 'web', { health: { status: 'Degraded', message: 'exceeded its progress deadline' } }),
    ])
    await here.clock.advance(30_000)
    expect(reasonOf(here)).toBe('Deployment/web: exceeded its progress deadline')
  })
})

it('a preview is judged by its Application alone where argocd-server can not be asked', async () => {
  const here = given()
  here.argocd.crashing.add(B)
  await here.clock.advance(120_000)
  expect(here.resources.asked()).toBeGreaterThan(0)
  expect(checkOf(here)).toBe('running')
  here.github.push(7, B)
  here.webhook(7)
  await here.clock.advance(60_000)
  expect(checkOf(here, B)).toBe('failed')
  expect(reasonOf(here)).toBe('Deployment/web: CrashLoopBackOff')
})

it('a preview that gets live asks for its objects no more often than it is looked at', async () => {
  const here = given()
  await here.clock.advance(120_000)
  // Looks come after 5 s at the soonest, and at a quarter of the wait so far.
  expect(here.resources.asked()).toBeLessThanOrEqual(15)
})
