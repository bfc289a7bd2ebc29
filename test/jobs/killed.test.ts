/**
 * `westage serve` with Jobs for images and for prepare, killed at random points and started again. The seed is told in the
 * test's name: `WESTAGE_JOBS_SEED` and `WESTAGE_JOBS_KILLS` choose another and how often.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { pause } from '../../src/adapters/pause.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { builtCommand, type Running } from '../cli/built-command.ts'
import { randomOf } from '../fuzz/random.ts'
import { type Given, REPO } from '../loop/given.ts'
import { leftBehind, processFolders } from '../loop/left-behind.ts'
import { SAMPLE } from '../loop/sample.ts'
import { missingOf, tagsOf } from '../servers/registry-tags.ts'
import { givenServiceWorld, type ServiceWorld } from './given-service.ts'
import { jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'

const isSkipped = jobCluster() === null
const temporary = await ownTemporaryFolder()
const never = new AbortController().signal
const NOTHING = { jobs: 0, pods: 0, secrets: 0 }
const UNTIL = { timeout: 120_000, interval: 50 }
const SEED = Number(process.env.WESTAGE_JOBS_SEED ?? Date.now() % 1_000_000)
const KILLS = Number(process.env.WESTAGE_JOBS_KILLS ?? 5)
/** Every other kill comes at any point of the story, most before the preview is live; the others while there are Jobs. */
const WITHIN = 0.8
const JOBS_MS = 6_000
/** Of the build, so that there is a time in which both Jobs run. */
const STEP_S = 2
const PER_KILL_MS = 60_000

let service: ServiceWorld
let here: Given | null = null
let running: Running | null = null
beforeAll(async () => {
  if (!isSkipped) service = await givenServiceWorld()
}, 240_000)
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended()
  await here?.close()
})
afterAll(async () => {
  await service?.close()
  await temporary.close()
})

describe.skipIf(isSkipped)(`the service with Jobs${isSkipped ? ` (skipped: ${NO_JOB_CLUSTER})` : ''}`, () => {
  it(
    `killed ${KILLS} times at random points (seed ${SEED}) does all of it, nothing twice at once, and leaves nothing`,
    async () => {
      const random = randomOf(SEED)
      const { start } = await builtCommand()
      const files = { ...SAMPLE, '.dockerignore': 'k8s\n' }
      const Dockerfile = `FROM ${service.shell}\nCOPY site /site\nRUN sleep ${STEP_S}\n`
      const instance = await service.instance('kubernetes', { ...files, Dockerfile })
      here = instance
      await instance.stop()
      const apart = await leftBehind()
      const serve = () => {
        running = start(['serve', '--config', instance.configFile], instance.secrets)
        return running
      }
      const isLive = () => instance.checkOf(pull)?.conclusion === 'success'
      const live = () => vi.waitFor(() => expect(isLive()).toBe(true), UNTIL)
      const nothingIsLeft = () => vi.waitFor(async () => expect(await service.world.left()).toEqual(NOTHING), UNTIL)

      const someJob = () =>
        vi.waitFor(async () => expect(isLive() || (await service.world.left()).jobs > 0).toBe(true), UNTIL)

      const pull = instance.openPull('feat/pay')
      let startedAtMs = performance.now()
      let process = serve()
      await live()
      await nothingIsLeft()
      /** From a start to a live preview. */
      const storyMs = performance.now() - startedAtMs

      const points: string[] = []
      /** Something to do, where all is done. */
      const push = (nth: number) => {
        if (isLive()) instance.github.push(REPO, pull, { 'site/index.html': String(nth) })
      }
      for (let nth = 0; nth < KILLS; nth++) {
        push(nth)
        const isWithJobs = nth % 2 === 0
        if (isWithJobs) await someJob()
        const afterMs = random.below(isWithJobs ? JOBS_MS : storyMs * WITHIN)
        await pause(afterMs, never)
        const { jobs, pods } = await service.world.left()
        process.kill('SIGKILL')
        await process.ended()
        const from = isWithJobs ? 'a Job' : 'the start'
        points.push(`${Math.round(afterMs)} ms from ${from}: ${jobs} Jobs, ${pods} pods${isLive() ? ', live' : ''}`)
        process = serve()
      }
      push(KILLS)
      startedAtMs = performance.now()
      await live()
      await nothingIsLeft()
      console.log(
        `killed after\n  ${points.join('\n  ')}\nlive ${Math.round(performance.now() - startedAtMs)} ms later`,
      )

      expect(service.jobs.twice).toEqual([])
      const repository = `${service.registry.host}/shop`
      for (const tag of await tagsOf(repository)) expect(await missingOf(repository, tag)).toEqual([])
      process.kill('SIGTERM')
      expect((await process.ended()).code).toBe(0)
      expect(await service.world.left()).toEqual(NOTHING)
      expect(await leftBehind()).toEqual(apart)
      expect(await processFolders()).toEqual([])
    },
    (KILLS + 5) * PER_KILL_MS,
  )
})
