/** The whole service with a Job for each image and each prepare: made, ended early, and killed. */
import type { V1Pod } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { builtCommand, type Running } from '../cli/built-command.ts'
import { endStateOf } from '../loop/end-state.ts'
import { type Given, REPO } from '../loop/given.ts'
import { leftBehind, processFolders } from '../loop/left-behind.ts'
import { startOwnTime } from '../loop/own-time.ts'
import { SAMPLE } from '../loop/sample.ts'
import { tagsOf } from '../servers/registry-tags.ts'
import { givenServiceWorld, type ServiceWorld } from './given-service.ts'
import { jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'

const isSkipped = jobCluster() === null
const temporary = await ownTemporaryFolder()
const NOTHING = { jobs: 0, pods: 0, secrets: 0 }
const BOTH = { jobs: 2, pods: 2, secrets: 2 }
const UNTIL = { timeout: 90_000, interval: 50 }
const SLOWLY = { timeout: 240_000 }
/** The product's promise, by a clock that others on the machine do not wind. */
const GONE_WITHIN_MS = 1000
/** Long enough to be killed in, and short enough to be done again. */
const STEP_S = 20
/** The image is made of what is left. */
const FILES = { ...SAMPLE, '.dockerignore': 'k8s\n' }
const SERVICE = 'k8s/base/service.yaml'

let service: ServiceWorld
beforeAll(async () => {
  if (!isSkipped) service = await givenServiceWorld()
}, 240_000)
afterAll(async () => {
  await service?.close()
  await temporary.close()
})

let here: Given
let running: Running | null = null
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended()
  running = null
  await here?.close()
})

/** By the Check and by the Deployment. */
const toldLive = (pull: number) =>
  vi.waitFor(() => {
    expect(here.checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'success' })
    expect(here.lastStatusOf(here.headOf(pull))?.state).toBe('success')
  }, UNTIL)
const nothingIsLeft = () => vi.waitFor(async () => expect(await service.world.left()).toEqual(NOTHING), UNTIL)
const kindsOf = (names: readonly string[]) => names.map((name) => name.split('-')[1]).toSorted()
const slowly = (seconds: number) => ({
  ...FILES,
  Dockerfile: `FROM ${service.shell}\nCOPY site /site\nRUN sleep ${seconds}\n`,
})

/** The build's step and the worker. */
async function bothRun(): Promise<void> {
  const { core, namespace } = service.world
  await vi.waitFor(async () => {
    const { items } = await core.listNamespacedPod({ namespace })
    expect(items.flatMap(runningContainers).toSorted()).toEqual(['buildkit', 'worker'])
  }, UNTIL)
  expect(await service.world.left()).toEqual(BOTH)
}

const runningContainers = ({ status }: V1Pod): string[] =>
  (status?.containerStatuses ?? []).flatMap(({ name, state }) => (state?.running === undefined ? [] : [name]))

describe.skipIf(isSkipped)(`the service with Jobs${isSkipped ? ` (skipped: ${NO_JOB_CLUSTER})` : ''}`, SLOWLY, () => {
  it('makes the same previews as it makes of itself, and builds nothing for a push that changes manifests', async () => {
    const story = async (run: 'inside' | 'kubernetes') => {
      here = await service.instance(run, FILES)
      const before = service.jobs.made.length
      const pull = here.openPull('feat/pay', { 'site/new.html': 'new' })
      await toldLive(pull)
      const made = await endStateOf(here, pull)
      const first = kindsOf(service.jobs.made.slice(before))
      const head = here.headOf(pull)
      here.github.push(REPO, pull, { [SERVICE]: SAMPLE[SERVICE]?.replace('80', '81') ?? '' })
      await toldLive(pull)
      await nothingIsLeft()
      const second = kindsOf(service.jobs.made.slice(before + first.length))
      expect(await here.file('previews/shop/pr-1/manifests/service-shop.yaml')).toContain('port: 81')
      const updated = JSON.stringify(await endStateOf(here, pull), null, 1)
      await here.close()
      return {
        jobs: [first, second],
        made,
        updated: updated.replaceAll(head, 'FIRST').replaceAll(head.slice(0, 7), 'FIRST'),
      }
    }
    const inJobs = await story('kubernetes')
    expect(inJobs.jobs).toEqual([['build', 'prepare'], ['prepare']])
    // Its image is in the registry already.
    const inside = await story('inside')
    expect(inside.jobs).toEqual([[], []])
    expect(inJobs.made).toEqual(inside.made)
    expect(inJobs.updated).toBe(inside.updated)
  })

  it('ends both Jobs within a second of the close, and nothing of them is left', async () => {
    here = await service.instance('kubernetes', slowly(600))
    const apart = await leftBehind()
    const tags = await tagsOf(`${service.registry.host}/shop`)
    const pull = here.openPull('feat/pay', { 'site/new.html': 'new' })
    await bothRun()
    const ownMs = startOwnTime()
    here.github.closePull(REPO, pull)
    const { batch, namespace } = service.world
    await vi.waitFor(async () => {
      const { items } = await batch.listNamespacedJob({ namespace })
      expect(items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)).toEqual([])
    }, UNTIL)
    expect(ownMs()).toBeLessThan(GONE_WITHIN_MS)
    await nothingIsLeft()
    await vi.waitFor(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'), UNTIL)
    await vi.waitFor(async () => expect(await leftBehind()).toEqual(apart), UNTIL)
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toBeNull()
    expect(await tagsOf(`${service.registry.host}/shop`)).toEqual(tags)
  })

  it('killed while both Jobs run and started again removes them, and makes the preview', async () => {
    const { start } = await builtCommand()
    here = await service.instance('kubernetes', slowly(STEP_S))
    await here.stop()
    const serve = () => {
      running = start(['serve', '--config', here.configFile], here.secrets)
      return running
    }
    const killed = serve()
    const before = service.jobs.made.length
    const pull = here.openPull('feat/pay', { 'site/new.html': 'new' })
    await bothRun()
    killed.kill('SIGKILL')
    await killed.ended()
    const old = service.jobs.made.slice(before)
    expect(kindsOf(old)).toEqual(['build', 'prepare'])
    const { batch, namespace } = service.world
    const names = async () => (await batch.listNamespacedJob({ namespace })).items.map(({ metadata }) => metadata?.name)
    expect((await names()).toSorted()).toEqual(old.toSorted())
    const next = serve()
    await vi.waitFor(async () => {
      const there = await names()
      expect(old.filter((name) => there.includes(name))).toEqual([])
    }, UNTIL)
    await toldLive(pull)
    await nothingIsLeft()
    // An image that the old build pushed before it was removed is not built again.
    expect([['build', 'prepare'], ['prepare']]).toContainEqual(kindsOf(service.jobs.made.slice(before + old.length)))
    expect(service.jobs.twice).toEqual([])
    expect(next.stdout()).toContain('removing 2 Jobs of a former process')
    next.kill('SIGTERM')
    expect((await next.ended()).code).toBe(0)
    expect(await processFolders()).toEqual([])
  })
})
