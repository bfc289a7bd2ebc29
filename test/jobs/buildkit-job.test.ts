/** What only builds in Jobs show: who may fetch a context, what a pod holds, and what is left of one. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BuildJobSettings } from '../../src/adapters/build/buildkit-job.ts'
import { manifestDigest } from '../../src/adapters/registry/manifest.ts'
import { Terminal } from '../../src/domain/errors.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../src/ports.ts'
import { filesOf } from '../adapters/build/pushed-image.ts'
import { copyPrograms, ownTemporaryFolder, repoOf, requestFor } from '../adapters/build/repo-on-disk.ts'
import { REGISTRY_PASSWORD, REGISTRY_USER, type RunningRegistry, requireRegistry } from '../servers/registry.ts'
import { builderSettings, type JobBuilder, startJobBuilder } from './job-builder.ts'
import { jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'

const isSkipped = jobCluster() === null
const never = new AbortController().signal
const quiet = () => {}
const temporary = await ownTemporaryFolder()
const NOTHING = { jobs: 0, pods: 0, secrets: 0 }
const UNTIL = { timeout: 40_000, interval: 50 }
const SLOWLY = { timeout: 120_000 }

let running: { readonly jobs: JobBuilder; readonly registry: RunningRegistry } | null = null
beforeAll(async () => {
  if (isSkipped) return
  const jobs = await startJobBuilder()
  running = { jobs, registry: await requireRegistry({ address: jobs.world.cluster.addressForPods ?? '' }) }
}, 120_000)
afterAll(async () => {
  await running?.jobs.close()
  await running?.registry.close()
  await temporary.close()
})

const here = () => {
  if (running === null) throw new Error('nothing is running')
  return running
}

interface Asked extends Partial<BuildJobSettings> {
  readonly host?: string
  readonly authFile?: string
  readonly tag?: string
  readonly timeoutMs?: number
}

function builderFor({ host, authFile, tag, timeoutMs, ...job }: Asked = {}): ImageBuilder {
  const settings = builderSettings(host ?? here().registry.host, temporary.path, {
    ...(tag !== undefined && { tag }),
    ...(authFile !== undefined && { authFile }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  return here().jobs.builder(settings, job)
}

async function imageOf(root: string, asked: Asked = {}, more: Partial<BuildRequest> = {}, log: Log = quiet) {
  const image = await builderFor(asked).build(requestFor(root, more), log, never)
  if (image === null) throw new Error('no image')
  return image
}

/** A repo whose image has a shell. */
async function repoWithShell(...instructions: readonly string[]): Promise<string> {
  const root = await repoOf({ Dockerfile: ['FROM scratch', 'COPY system/ /', ...instructions].join('\n') })
  await copyPrograms(join(root, 'system'), ['/bin/sh', '/bin/cat', '/bin/sleep'])
  return root
}

const world = () => here().jobs.world
const podOf = async () => (await world().core.listNamespacedPod({ namespace: world().namespace })).items[0]

describe.skipIf(isSkipped)(`A build in a Job${isSkipped ? ` (skipped: ${NO_JOB_CLUSTER})` : ''}`, SLOWLY, () => {
  it('runs its steps without root, and leaves no Job, pod or Secret', async () => {
    const image = await imageOf(await repoWithShell('RUN cat /proc/self/uid_map >/map'))
    expect((await filesOf(image)).get('map')).toMatch(/^\s*0\s+1000\s+1\n/)
    expect(await world().left()).toEqual(NOTHING)
  })

  it('holds no secret in its pod’s spec or its log, and is given the build’s secrets and the registry’s credentials', async () => {
    const guarded = await requireRegistry({ auth: 'basic', address: world().cluster.addressForPods ?? '' })
    const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')
    const authFile = join(await repoOf({}), 'config.json')
    await writeFile(authFile, JSON.stringify({ auths: { [guarded.host]: { auth } } }))
    const npmrc = join(await repoOf({ npmrc: 'token=squeamish' }), 'npmrc')
    const step = 'RUN --mount=type=secret,id=npmrc,target=/npmrc cat /npmrc && cat /npmrc >/length'
    const lines: string[] = []
    let spec = ''
    const look = vi.waitFor(async () => {
      spec = JSON.stringify(await podOf())
      expect(spec).toContain('buildctl-daemonless.sh')
    }, UNTIL)
    const request = { secrets: { npmrc } }
    const image = await imageOf(await repoWithShell(step), { host: guarded.host, authFile }, request, (line) => {
      lines.push(line)
    })
    await look
    await guarded.close()
    expect(image.digest).toMatch(/^sha256:/)
    const said = lines.join('\n')
    expect(said).toContain('***')
    for (const text of [said, spec]) {
      for (const secret of ['squeamish', auth, REGISTRY_PASSWORD]) expect(text).not.toContain(secret)
      expect(text).not.toMatch(/Bearer [^$]/)
    }
    expect(JSON.parse(spec)).toMatchObject({ spec: { automountServiceAccountToken: false } })
  })

  it('hands its context out once, to its token alone', async () => {
    const { contexts, url } = here().jobs
    const offer = contexts.offer(async function* () {
      yield Buffer.from('an archive')
    })
    const ask = async (authorization: string) => {
      const answer = await fetch(`${url}/build-context`, { headers: { authorization } })
      return [answer.status, await answer.text()]
    }
    expect(await ask('')).toEqual([404, 'Not found\n'])
    expect(await ask('Bearer guessed')).toEqual([404, 'Not found\n'])
    expect(await ask(`Bearer ${offer.token}`)).toEqual([200, 'an archive'])
    expect(await ask(`Bearer ${offer.token}`)).toEqual([404, 'Not found\n'])
    const withdrawn = contexts.offer(async function* () {
      yield Buffer.from('an archive')
    })
    withdrawn.withdraw()
    expect(await ask(`Bearer ${withdrawn.token}`)).toEqual([404, 'Not found\n'])
  })

  it('takes no digest from what a step prints', async () => {
    const forged = `{"containerimage.digest":"sha256:${'0'.repeat(64)}"}`
    const root = await repoWithShell(`RUN echo '${forged}'; echo '${forged}' >/dev/termination-log || true`)
    const image = await imageOf(root, { tag: 'forged' })
    const reference = { registry: here().registry.host, repository: 'team/shop', reference: 'forged' }
    expect(image.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials: null }, never))
  })

  it('begins with the layers that another Job left in the registry', async () => {
    const root = await repoWithShell('RUN echo one >/one')
    await imageOf(root, { cacheTag: 'layers' })
    const lines: string[] = []
    await imageOf(root, { cacheTag: 'layers', tag: 'again' }, {}, (line) => lines.push(line))
    expect(lines.join('\n')).toMatch(/#\d+ \[2\/2\] RUN echo one >\/one\n#\d+ CACHED/)
  })

  it('is made again where its pod is deleted, with a context of its own', async () => {
    const root = await repoWithShell('RUN echo step-$((1 + 1)); sleep 3')
    const lines: string[] = []
    let isDeleted = false
    const image = await imageOf(root, { tag: 'evicted' }, {}, (line) => {
      lines.push(line)
      if (isDeleted || !line.includes('step-2')) return
      isDeleted = true
      void podOf().then((pod) =>
        world().core.deleteNamespacedPod({ name: pod?.metadata?.name ?? '', namespace: world().namespace }),
      )
    })
    expect(image.digest).toMatch(/^sha256:/)
    expect(lines).toContain('the Job was lost and is made again: its pod was deleted')
    expect(await world().left()).toEqual(NOTHING)
  })

  it('is ended by an abort that is asked for within a second, and pushes nothing', async () => {
    const root = await repoWithShell('RUN echo step-$((1 + 1)); sleep 600')
    const stop = new AbortController()
    const lines: string[] = []
    const built = builderFor({ tag: 'aborted' })
      .build(requestFor(root), (line) => lines.push(line), stop.signal)
      .catch((error) => error)
    await vi.waitFor(() => expect(lines.join('\n')).toContain('step-2'), UNTIL)
    const abortedAtMs = Date.now()
    stop.abort('superseded')
    await vi.waitFor(async () => {
      const { items } = await world().batch.listNamespacedJob({ namespace: world().namespace })
      expect(items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)).toEqual([])
    }, UNTIL)
    expect(Date.now() - abortedAtMs).toBeLessThan(1000)
    expect(await built).toBe('superseded')
    expect(await world().left()).toEqual(NOTHING)
    const reference = { registry: here().registry.host, repository: 'team/shop', reference: 'aborted' }
    expect(await manifestDigest(reference, { plainHttp: true, credentials: null }, never)).toBeNull()
  })

  it('that takes longer than it may is the author’s', async () => {
    const root = await repoWithShell('RUN sleep 600')
    const failure = await imageOf(root, { tag: 'late', timeoutMs: 15_000 }).catch((error) => error)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'author', message: expect.stringContaining('longer than 15 s') })
  })
})
