/**
 * The API server away for a minute, from where WeStage is: what runs in the cluster goes on meanwhile. All at once, since
 * each of them waits for that minute.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { INSTANCE_LABEL } from '../../src/adapters/kubernetes-jobs/job-objects.ts'
import type { Jobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import { pause } from '../../src/adapters/pause.ts'
import { copyPrograms, ownTemporaryFolder, repoOf, requestFor } from '../adapters/build/repo-on-disk.ts'
import { SAMPLE } from '../loop/sample.ts'
import { givenJobWorker } from '../prepare-worker/given-job-worker.ts'
import { archiveOf, REQUEST } from '../prepare-worker/given-worker.ts'
import { BUILDS, BUILT } from '../prepare-worker/repos.ts'
import { type RunningRegistry, requireRegistry } from '../servers/registry.ts'
import { type ApiProxy, type Outage, proxyTo } from './api-proxy.ts'
import { builderSettings, type JobBuilder, startJobBuilder } from './job-builder.ts'
import { jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'
import { pushWestage } from './push-westage.ts'
import { type WatchedJobs, watchJobs } from './watched-jobs.ts'

const isSkipped = jobCluster() === null
const never = new AbortController().signal
const temporary = await ownTemporaryFolder()
const AWAY_MS = 60_000
const NOTHING = { jobs: 0, pods: 0, secrets: 0 }
const UNTIL = { timeout: 90_000, interval: 100 }
const AT_ONCE = { concurrent: true, timeout: 240_000 }

interface Running {
  readonly builder: JobBuilder
  readonly registry: RunningRegistry
  readonly watched: WatchedJobs
  /** WeStage's own image. */
  readonly westage: string
}
let running: Running | null = null
const here = (): Running => {
  if (running === null) throw new Error('nothing is running')
  return running
}
beforeAll(async () => {
  if (isSkipped) return
  const builder = await startJobBuilder()
  const { world } = builder
  running = {
    builder,
    registry: await requireRegistry({ address: world.cluster.addressForPods ?? '' }),
    watched: await watchJobs(world.config, world.namespace),
    westage: await pushWestage(world.registry.host),
  }
}, 240_000)
afterAll(async () => {
  await running?.watched.stop()
  await running?.builder.close()
  await running?.registry.close()
  await temporary.close()
})

interface Away {
  /** Those of an instance of their own, which reach the cluster by a way of their own. */
  readonly jobs: Jobs
  /** One for each Job that was asked for. */
  readonly made: readonly string[]
  readonly proxy: ApiProxy
  awayForAMinute(outage: Outage): Promise<void>
  podNames(): Promise<readonly string[]>
  left(): Promise<typeof NOTHING>
}

async function away(instance: string, use: (away: Away) => Promise<void>): Promise<void> {
  const { core, batch, namespace, ...world } = here().builder.world
  const proxy = await proxyTo(world.cluster.kubeconfigPath)
  const jobs = world.jobs({ config: proxy.config, instance })
  const made: string[] = []
  const own = { namespace, labelSelector: `${INSTANCE_LABEL}=${instance}` }
  const podNames = async () => (await core.listNamespacedPod(own)).items.flatMap(({ metadata }) => metadata?.name ?? [])
  try {
    await use({
      ...{ made, proxy, podNames },
      jobs: {
        ...jobs,
        run: (order, ...more) =>
          jobs.run(
            (names) => {
              made.push(names.secret)
              return order(names)
            },
            ...more,
          ),
      },
      async awayForAMinute(outage) {
        await proxy.cut(outage)
        await pause(AWAY_MS, never)
        await proxy.restore()
      },
      async left() {
        const secrets = (await core.listNamespacedSecret(own)).items.length
        return { jobs: (await batch.listNamespacedJob(own)).items.length, pods: (await podNames()).length, secrets }
      },
    })
    expect(here().watched.twice).toEqual([])
  } finally {
    await jobs.close()
    await proxy.close()
  }
}

/** A build that says something each second, once it has begun. */
async function building(jobs: Jobs, tag: string, seconds: number) {
  const root = await repoOf({
    Dockerfile: `FROM scratch\nCOPY system/ /\nRUN i=0; while [ $i -lt ${seconds} ]; do i=$((i+1)); echo step-$i; sleep 1; done\n`,
  })
  await copyPrograms(join(root, 'system'), ['/bin/sh', '/bin/sleep'])
  const lines: string[] = []
  const settings = builderSettings(here().registry.host, temporary.path, { tag, timeoutMs: 200_000 })
  const image = here()
    .builder.builder(settings, { jobs })
    .build(requestFor(root), (line) => lines.push(line), never)
  const steps = () => lines.flatMap((line) => /(?<= )step-\d+$/.exec(line)?.[0] ?? [])
  await Promise.race([vi.waitFor(() => expect(steps()).not.toEqual([]), UNTIL), image])
  return { image, lines, steps }
}

const COMMITS = { early: 'e'.repeat(40), working: 'f'.repeat(40) }
const repoAt = (sha: string) => ({
  tarball: archiveOf(SAMPLE),
  request: { target: { ...REQUEST.target, sha } },
})
const workerOn = async (jobs: Jobs) => {
  const host = here().builder.world.cluster.addressForPods
  return await givenJobWorker(jobs, { image: here().westage, limits: { startMs: 200_000 }, ...(host && { host }) })
}

describe.skipIf(isSkipped)(
  `the API server away for a minute${isSkipped ? ` (${NO_JOB_CLUSTER})` : ''}`,
  AT_ONCE,
  () => {
    it.each<Outage>(['refuses', 'hangs'])(
      'is no end of a build that is over meanwhile, where it %s',
      async (outage) => {
        await away(`build-${outage}`, async ({ jobs, made, awayForAMinute, left }) => {
          const { image, lines, steps } = await building(jobs, outage, 20)
          await awayForAMinute(outage)
          expect((await image)?.digest).toMatch(/^sha256:/)
          expect(steps()).toEqual(Array.from({ length: 20 }, (_, nth) => `step-${nth + 1}`))
          expect(lines.join('\n')).not.toContain('made again')
          expect(made).toHaveLength(1)
          expect(await left()).toEqual(NOTHING)
        })
      },
    )

    it('has a build made again whose pod went meanwhile, once that one is gone', async () => {
      await away('build-lost', async ({ jobs, made, awayForAMinute, podNames, left }) => {
        const { image, lines } = await building(jobs, 'lost', 5)
        const back = awayForAMinute('refuses')
        const { core, namespace } = here().builder.world
        for (const name of await podNames()) await core.deleteNamespacedPod({ name, namespace })
        await back
        expect((await image)?.digest).toMatch(/^sha256:/)
        expect(lines).toContain('the Job was lost and is made again: its pod was deleted')
        expect(made).toHaveLength(2)
        expect(await left()).toEqual(NOTHING)
      })
    })

    it('is waited for by a worker that is to be made', async () => {
      await away('worker-early', async ({ jobs, made, proxy, left }) => {
        const given = await workerOn(jobs)
        await proxy.cut('hangs')
        const ran = given.onWorker(repoAt(COMMITS.early))
        await pause(AWAY_MS, never)
        expect(await left()).toEqual(NOTHING)
        await proxy.restore()
        expect((await ran).outcome).toHaveProperty('bundle')
        expect(made).toHaveLength(1)
        await vi.waitFor(async () => expect(await left()).toEqual(NOTHING), UNTIL)
        await given.close()
      })
    })

    it('is not noticed by a worker that is at work, which is removed afterwards', async () => {
      await away('worker-working', async ({ jobs, made, awayForAMinute, left }) => {
        const given = await workerOn(jobs)
        const seen = new AbortController()
        const isBack = { is: false }
        const build = async () => {
          seen.abort()
          return BUILT
        }
        const ran = given.onWorker({ ...repoAt(COMMITS.working), builder: { ...BUILDS, build } })
        await Promise.race([ran, new Promise((resolve) => seen.signal.addEventListener('abort', resolve))])
        const back = awayForAMinute('refuses').then(() => {
          isBack.is = true
        })
        expect((await ran).outcome).toHaveProperty('bundle')
        expect(isBack.is).toBe(false)
        await back
        expect(made).toHaveLength(1)
        await vi.waitFor(async () => expect(await left()).toEqual(NOTHING), UNTIL)
        await given.close()
      })
    })
  },
)
