/** Prepare in real pods: this project's image, held by what the pod asks for, heard over the service's own port. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { allStates } from '../cluster/state.ts'
import { type GivenJobs, GRANTED_TOKEN, givenJobWorker } from '../prepare-worker/given-job-worker.ts'
import type { Repo } from '../prepare-worker/given-worker.ts'
import { REPOS, seen } from '../prepare-worker/repos.ts'
import { givenJobWorld, type JobWorld, jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'
import { pushWestage } from './push-westage.ts'

const isSkipped = jobCluster() === null
const UNTIL = { timeout: 60_000, interval: 50 }

describe.skipIf(isSkipped)(`a worker in a pod${isSkipped ? ` (${NO_JOB_CLUSTER})` : ''}`, { timeout: 180_000 }, () => {
  let world: JobWorld
  let given: GivenJobs
  beforeAll(async () => {
    world = await givenJobWorld()
    const image = await pushWestage(world.registry.host)
    const host = allStates().find(({ name }) => name === world.cluster.name)?.link?.address
    given = await givenJobWorker(world.jobs(), { image, ...(host !== undefined && { host }) })
  }, 240_000)
  afterAll(async () => {
    await given?.close()
    await world?.close()
  })

  it.each(['a small app', 'an image from its Dockerfile', 'what the policy refuses', 'a commit that is gone'])(
    'makes the same as the service itself of %s',
    async (name) => {
      const repo = REPOS[name] as Repo
      const here = seen(await given.inProcess(repo))
      expect(seen(await given.onWorker(repo))).toEqual(here)
    },
  )

  it('has no secret in the objects of the cluster but the token of its work, and ends with an abort', async () => {
    const nothingIsLeft = () =>
      vi.waitFor(async () => expect(await world.left()).toEqual({ jobs: 0, pods: 0, secrets: 0 }), UNTIL)
    await nothingIsLeft()
    const stop = new AbortController()
    // The image never comes: the pod waits, and can be looked at.
    const builder = {
      name: 'slow',
      needsSource: true,
      close: async () => {},
      build: () =>
        new Promise<never>((_, reject) => stop.signal.addEventListener('abort', () => reject(stop.signal.reason))),
    }
    const running = given.onWorker({ ...(REPOS['a small app'] as Repo), builder, signal: stop.signal })
    const { namespace, batch, core } = world
    let [pod] = (await core.listNamespacedPod({ namespace })).items
    await vi.waitFor(async () => {
      pod = (await core.listNamespacedPod({ namespace })).items.find(({ status }) => status?.phase === 'Running')
      expect(pod).toBeDefined()
    }, UNTIL)
    const objects = JSON.stringify([
      await batch.listNamespacedJob({ namespace }),
      await core.listNamespacedPod({ namespace }),
    ])
    const log = await core.readNamespacedPodLog({ namespace, name: pod?.metadata?.name ?? '' })
    const { items: secrets } = await core.listNamespacedSecret({ namespace })
    const token = Buffer.from(secrets[0]?.data?.token ?? '', 'base64').toString()
    expect(token).toMatch(/^[0-9a-f]{16}\..{40}/)
    for (const secret of [token, GRANTED_TOKEN]) {
      expect(objects).not.toContain(secret)
      expect(log).not.toContain(secret)
    }
    expect(JSON.stringify(secrets)).not.toContain(Buffer.from(GRANTED_TOKEN).toString('base64'))
    stop.abort(new Error('a newer push'))
    expect((await running).outcome).toEqual({ error: new Error('a newer push') })
    await nothingIsLeft()
  })
})
