/** Jobs by a real API server, controller-manager and kubelet. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JobEnd, JobOrder, Jobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import { pause } from '../../src/adapters/pause.ts'
import { Terminal } from '../../src/domain/errors.ts'
import { randomOf } from '../fuzz/random.ts'
import { givenJobWorld, type JobWorld, jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'
import { watchJobs } from './watched-jobs.ts'

const isSkipped = jobCluster() === null
const never = new AbortController().signal
const quiet = () => {}
const NOTHING = { jobs: 0, pods: 0, secrets: 0 }
const ABORTED = Number(process.env.WESTAGE_JOBS_ABORTED ?? 200)
const AT_ONCE = 20
const SEED = Number(process.env.WESTAGE_JOBS_SEED ?? Date.now() % 1_000_000)
const UNTIL = { timeout: 20_000, interval: 50 }

let world: JobWorld | null = null
beforeAll(async () => {
  if (!isSkipped) world = await givenJobWorld()
})
afterAll(async () => {
  await world?.close()
})

const here = (): JobWorld => {
  if (world === null) throw new Error('nothing is running')
  return world
}

/** A Job whose pod runs this script. */
const orderOf =
  (script: string, more: Partial<JobOrder> = {}) =>
  (): JobOrder => ({
    kind: 'build',
    work: randomUUID(),
    about: { app: 'shop', repository: 'acme/shop', pull: 7, sha: '0123456789abcdef0123456789abcdef01234567' },
    pod: { containers: [{ name: 'work', image: here().shell, command: ['/bin/sh', '-c', script] }] },
    secret: null,
    deadlineMs: 60_000,
    ...more,
  })

const linesOf = () => {
  const lines: string[] = []
  return { lines, onLine: (line: string) => lines.push(line) }
}
/** Kills a process that has three Jobs under way, at once when it says a line that holds this. */
async function killedOnce(says: string): Promise<void> {
  const { kubeconfigPath, namespace, shell } = here()
  const program = join(import.meta.dirname, 'dying-process.ts')
  const child = spawn('node', ['--import', 'tsx', program, kubeconfigPath, namespace, shell, '3'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.toString('utf8').includes(says)) child.kill('SIGKILL')
  })
  expect(await ended).toEqual([null, 'SIGKILL'])
}
const podNames = async () => {
  const { items } = await here().core.listNamespacedPod({ namespace: here().namespace })
  return items.flatMap(({ metadata }) => metadata?.name ?? [])
}
const deletePods = async (gracePeriodSeconds = 0) => {
  const { namespace, core } = here()
  for (const name of await podNames()) await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds })
}

describe.skipIf(isSkipped)(`A Kubernetes Job${isSkipped ? ` (skipped: ${NO_JOB_CLUSTER})` : ''}`, () => {
  it('is done, its log told line by line, and nothing of it is left', async () => {
    const { lines, onLine } = linesOf()
    const script = 'seq 1 2000; echo out >/dev/termination-log; printf "no end"'
    const end = await here().jobs().run(orderOf(script), onLine, never)
    expect(end).toEqual({ kind: 'done', messages: { work: 'out\n' } })
    expect(lines).toEqual([...Array.from({ length: 2000 }, (_, n) => `${n + 1}`), 'no end'])
    expect(await here().left()).toEqual(NOTHING)
  })

  it('tells its log while it goes on, init containers first', async () => {
    const { lines, onLine } = linesOf()
    const stop = new AbortController()
    const image = here().shell
    const pod = {
      initContainers: [{ name: 'first', image, command: ['/bin/sh', '-c', 'echo one'] }],
      containers: [{ name: 'work', image, command: ['/bin/sh', '-c', 'echo two; sleep 600'] }],
    }
    const run = here()
      .jobs()
      .run(orderOf('', { pod }), onLine, stop.signal)
      .catch((error) => error)
    await vi.waitFor(() => expect(lines).toEqual(['one', 'two']), UNTIL)
    stop.abort('enough')
    expect(await run).toBe('enough')
  })

  it('says which container failed, by what exit code, with its last words', async () => {
    const { lines, onLine } = linesOf()
    const end = await here()
      .jobs()
      .run(orderOf('echo no; echo "it is broken" >/dev/termination-log; exit 3'), onLine, never)
    expect(end).toEqual({ kind: 'failed', exitCode: 3, container: 'work', message: 'it is broken\n' })
    expect(lines).toEqual(['no'])
  })

  it('has its own Secret, which goes with it, and no token of an account', async () => {
    const { lines, onLine } = linesOf()
    const end = await here()
      .jobs()
      .run(
        ({ secret }) => ({
          ...orderOf('')(),
          secret: { word: 'hush' },
          pod: {
            volumes: [{ name: 'own', secret: { secretName: secret } }],
            containers: [
              {
                name: 'work',
                image: here().shell,
                command: [
                  '/bin/sh',
                  '-c',
                  'exec 2>&1; cat /own/word; echo; cat /var/run/secrets/kubernetes.io/serviceaccount/token',
                ],
                volumeMounts: [{ name: 'own', mountPath: '/own' }],
              },
            ],
          },
        }),
        onLine,
        never,
      )
    expect(end).toMatchObject({ kind: 'failed', exitCode: 1 })
    expect(lines).toEqual(['hush', expect.stringContaining('No such file')])
    expect(await here().left()).toEqual(NOTHING)
  })

  it('is made again where its pod is deleted, and never two run at once', async () => {
    const { lines, onLine } = linesOf()
    const scripts = ['echo starts; sleep 600', 'echo starts; echo ends']
    const order = () => orderOf(scripts.shift() ?? '')()
    const run = here().jobs().run(order, onLine, never)
    await vi.waitFor(() => expect(lines).toEqual(['starts']), UNTIL)
    await deletePods(1)
    const most = { pods: 0 }
    const counting = setInterval(async () => {
      most.pods = Math.max(most.pods, (await podNames()).length)
    }, 50)
    expect(await run).toMatchObject({ kind: 'done' })
    clearInterval(counting)
    expect(lines).toEqual(['starts', 'the Job was lost and is made again: its pod was deleted', 'starts', 'ends'])
    expect(most.pods).toBe(1)
    expect(await here().left()).toEqual(NOTHING)
  })

  it('is lost where it is evicted each time', async () => {
    const { namespace, core } = here()
    const jobs = here().jobs()
    const evict = async (line: string) => {
      if (line !== 'starts') return
      for (const name of await podNames()) {
        await core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } })
      }
    }
    const end = await jobs.run(orderOf('echo starts; sleep 600'), (line) => void evict(line), never)
    expect(end).toEqual({ kind: 'lost', why: expect.stringContaining('EvictionByEvictionAPI') })
    expect(await here().left()).toEqual(NOTHING)
  }, 60_000)

  it('is late where it is not done by its deadline', async () => {
    const end = await here()
      .jobs()
      .run(orderOf('sleep 600', { deadlineMs: 5_000 }), quiet, never)
    expect(end).toEqual({ kind: 'late' } satisfies JobEnd)
    expect(await here().left()).toEqual(NOTHING)
  })

  it('is lost where no node takes it until its deadline, in the scheduler’s words', async () => {
    const pod = { ...orderOf('true')().pod, nodeSelector: { disk: 'none' } }
    const end = await here()
      .jobs()
      .run(orderOf('', { pod, deadlineMs: 4_000 }), quiet, never)
    expect(end).toEqual({ kind: 'lost', why: expect.stringContaining("didn't match Pod's node affinity/selector") })
  })

  it('is asked to go within a second of an abort, and is gone with its pod and Secret', async () => {
    const { lines, onLine } = linesOf()
    const stop = new AbortController()
    const secret = { word: 'hush' }
    const run = here()
      .jobs()
      .run(orderOf('echo starts; sleep 600', { secret }), onLine, stop.signal)
      .catch((error) => error)
    await vi.waitFor(() => expect(lines).toEqual(['starts']), UNTIL)
    const abortedAtMs = Date.now()
    stop.abort('superseded')
    await vi.waitFor(async () => {
      const { items } = await here().batch.listNamespacedJob({ namespace: here().namespace })
      expect(items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)).toEqual([])
    }, UNTIL)
    expect(Date.now() - abortedAtMs).toBeLessThan(1000)
    expect(await run).toBe('superseded')
    expect(await here().left()).toEqual(NOTHING)
  })

  it(`leaves nothing wherever it is aborted, ${ABORTED} times (seed ${SEED})`, async () => {
    const jobs = here().jobs()
    const random = randomOf(SEED)
    const secret = { word: 'hush' }
    /** What costs is a pod that starts: of most, the API server and the controllers are asked for all, and no node. */
    const nowhere = { ...orderOf('true')().pod, nodeSelector: { disk: 'none' } }
    const orders = Array.from({ length: ABORTED }, (_, nth) => ({
      order: nth % 5 === 0 ? orderOf('sleep 600', { secret }) : orderOf('', { secret, pod: nowhere }),
      afterMs: random.below(2_000),
    }))
    const abortAll = async () => {
      for (let next = orders.shift(); next !== undefined; next = orders.shift()) {
        const stop = new AbortController()
        const run = jobs.run(next.order, quiet, stop.signal).catch((error) => error)
        await Promise.race([run, pause(next.afterMs, stop.signal)])
        stop.abort('superseded')
        expect(await run).toBe('superseded')
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, abortAll))
    expect(await here().left()).toEqual(NOTHING)
  }, 300_000)

  it('is swept at the next start wherever its process was killed', async () => {
    for (const waitsFor of ['begins', 'starts']) {
      await killedOnce(waitsFor)
      await here().jobs({ instance: 'other' }).sweep(never)
      await here().jobs().sweep(never)
      expect(await here().left()).toEqual(NOTHING)
    }
  }, 60_000)

  it('is not made while one of the same work is there, of a former process or of this one', async () => {
    const watched = await watchJobs(here().config, here().namespace)
    const order = orderOf('echo starts; sleep 600', { work: 'the same' })
    const [former, jobs, stop] = [here().jobs(), here().jobs(), new AbortController()]
    const started = async (by: Jobs, signal: AbortSignal) => {
      const { lines, onLine } = linesOf()
      const run = by.run(order, onLine, signal).catch((error) => error)
      await vi.waitFor(() => expect(lines).toContain('starts'), UNTIL)
      return { run, lines }
    }
    void former.run(order, quiet, never).catch(() => {})
    await vi.waitFor(async () => expect(await podNames()).toHaveLength(1), UNTIL)
    // It makes nothing again from here on, as one that was killed.
    await former.close()
    const swept = jobs.sweep(never)
    const second = await started(jobs, stop.signal)
    await swept
    expect(second.lines[0]).toMatch(/^waiting for the Job westage-build-[0-9a-f]+ of the same work to be gone$/)
    stop.abort('enough')
    await vi.waitFor(async () => {
      const { items } = await here().batch.listNamespacedJob({ namespace: here().namespace })
      expect(items.map(({ metadata }) => metadata?.deletionTimestamp)).toEqual([expect.anything()])
    }, UNTIL)
    const last = new AbortController()
    const third = await started(jobs, last.signal)
    last.abort('enough')
    expect([await second.run, await third.run]).toEqual(['enough', 'enough'])
    expect(watched.twice).toEqual([])
    expect(watched.made).toHaveLength(3)
    await watched.stop()
    expect(await here().left()).toEqual(NOTHING)
  }, 60_000)

  it('is left alone by a sweep of another instance, and of the process that has it', async () => {
    const jobs = here().jobs()
    const stop = new AbortController()
    const { lines, onLine } = linesOf()
    const run = jobs.run(orderOf('echo starts; sleep 600'), onLine, stop.signal).catch((error) => error)
    await vi.waitFor(() => expect(lines).toEqual(['starts']), UNTIL)
    await here().jobs({ instance: 'other' }).sweep(never)
    await jobs.sweep(never)
    expect(await here().left()).toMatchObject({ jobs: 1, pods: 1 })
    stop.abort('enough')
    expect(await run).toBe('enough')
  })

  it('is refused to the operator where its namespace is not there', async () => {
    const refused = here().jobs({ namespace: 'nowhere', config: here().config }).run(orderOf('true'), quiet, never)
    await expect(refused).rejects.toThrow(
      new Terminal('the cluster refuses a Job: namespaces "nowhere" not found', { whose: 'operator' }),
    )
  })

  it('is refused to the operator in a namespace that argocd/jobs grants nothing in', async () => {
    const jobs = here().jobs({ namespace: 'default' })
    const swept = jobs.sweep(never)
    await Promise.all([
      expect(swept).rejects.toThrow(/cannot list resource "jobs"/),
      expect(jobs.run(orderOf('true'), quiet, never)).rejects.toMatchObject({
        whose: 'operator',
        message: expect.stringMatching(/^the cluster refuses a Job: .*serviceaccount:westage:westage" cannot create/),
      }),
    ])
  }, 90_000)
})
