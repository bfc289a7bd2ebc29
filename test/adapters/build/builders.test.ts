/** What holds for every builder that this machine has. */
import { readdir, symlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import type { BuilderSettings } from '../../../src/adapters/build/builder-settings.ts'
import { findBuildKit } from '../../../src/adapters/build/buildkit.ts'
import { findDocker } from '../../../src/adapters/build/docker.ts'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { NotReady, Terminal } from '../../../src/domain/errors.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../../src/ports.ts'
import { type JobBuilder, startJobBuilder } from '../../jobs/job-builder.ts'
import { jobCluster, NO_JOB_CLUSTER } from '../../jobs/job-cluster.ts'
import { answering } from '../../servers/answering.ts'
import { buildKitPath, NO_BUILDKIT, type RunningBuildKit, startBuildKit } from '../../servers/buildkitd.ts'
import { findRegistry, type RunningRegistry, requireRegistry, startRegistry } from '../../servers/registry.ts'
import { architecturesOf, configOf, filesOf, type PushedImage } from './pushed-image.ts'
import { copyPrograms, ownTemporaryFolder, repoOf, requestFor, SHA } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
const never = new AbortController().signal
const quiet = () => {}
const env: Record<string, string> =
  process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST }

const settingsFor = (host: string): BuilderSettings => ({
  registry: { repository: `${host}/team/{app}`, tag: '{sha}', plainHttp: true, authFile: null },
  credentials: { authFile: null, helperEnvironment: {} },
  timeoutMs: 60_000,
  path: process.env.PATH ?? '',
  env,
  webUrl: 'https://github.com',
  workDir: temporary.path,
  cacheDir: join(temporary.path, 'cache'),
})
const find = {
  docker: (settings: BuilderSettings) => findDocker(settings),
  buildah: (settings: BuilderSettings) => findBuildah(settings, quiet),
  buildkit: (settings: BuilderSettings) => {
    const { path, address } = buildkitd ?? { path: '', address: '' }
    return findBuildKit({ ...settings, path }, { address, tls: null, cacheTag: null, frontends: [] }, quiet)
  },
  'buildkit in Jobs': async (settings: BuilderSettings) => jobs?.builder(settings) ?? null,
}
const cluster = jobCluster()
/** Pods have another loopback than this machine. */
const listening = cluster === null ? {} : { address: cluster.addressForPods ?? '' }
const here = {
  docker: (await find.docker(settingsFor('127.0.0.1:1'))) !== null,
  buildah: (await find.buildah(settingsFor('127.0.0.1:1'))) !== null,
}
const registryIsHere = (await findRegistry()) !== null
const isCI = process.env.CI === 'true'
const skipsBuildKit = !isCI && !((await buildKitPath()) !== null && registryIsHere)
let buildkitd: RunningBuildKit | null = null
let jobs: JobBuilder | null = null

let registry: RunningRegistry | null = null
beforeAll(async () => {
  registry = await startRegistry(listening)
  if (!skipsBuildKit && cluster === null) buildkitd = await startBuildKit()
  if (cluster !== null) jobs = await startJobBuilder()
}, 120_000)
afterAll(async () => {
  await jobs?.close()
  await buildkitd?.close()
  await registry?.close()
  await temporary.close()
})

const cases = [
  {
    tool: 'docker' as const,
    isSkipped: !here.docker || !registryIsHere,
    why: 'no docker engine or no docker-registry',
  },
  {
    tool: 'buildah' as const,
    isSkipped: !isCI && !(here.buildah && registryIsHere),
    why: 'no buildah or no docker-registry',
  },
  {
    tool: 'buildkit' as const,
    isSkipped: skipsBuildKit,
    why: `${NO_BUILDKIT}, or no docker-registry`,
  },
  {
    tool: 'buildkit in Jobs' as const,
    isSkipped: cluster === null || !registryIsHere,
    why: NO_JOB_CLUSTER,
  },
]
/** A node, an image and a pod come before a build. */
const A_JOB = { timeout: 90_000 }

/** `npm test` has had the others. */
const asked = cluster === null ? cases : cases.filter(({ tool }) => tool === 'buildkit in Jobs')

describe.each(asked)('$tool', A_JOB, ({ tool, isSkipped, why }) => {
  const test = it.skipIf(isSkipped)
  /** buildah itself tries three times more, 2 s apart. */
  const slow = isSkipped ? it.skip : it.concurrent
  const named = (name: string) => (isSkipped ? `${name} (skipped: ${why})` : name)
  const builder = async (host = registry?.host ?? ''): Promise<ImageBuilder> => {
    const found = await find[tool](settingsFor(host))
    if (found === null) throw new Error(`${tool} is not here`)
    return found
  }
  const imageOf = async (root: string, more: Partial<BuildRequest> = {}, log: Log = quiet): Promise<PushedImage> => {
    const image = await (await builder()).build(requestFor(root, more), log, never)
    if (image === null) throw new Error(`${tool} made no image`)
    return image
  }
  const failureOf = async (files: Record<string, string>, host?: string): Promise<unknown> => {
    const built = await (await builder(host))
      .build(requestFor(await repoOf(files)), quiet, never)
      .catch((error) => error)
    expect(built).toBeInstanceOf(Error)
    return built
  }

  test(
    named('builds the Dockerfile of a commit, pushes it, and answers with the digest that the registry has'),
    async () => {
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY page.html /page.html\n', 'page.html': 'hello' })
      const lines: string[] = []
      const image = await imageOf(root, {}, (line) => lines.push(line))
      const host = registry?.host ?? ''
      const reference = { registry: host, repository: 'team/shop', reference: SHA }
      const digest = await manifestDigest(reference, { plainHttp: true, credentials: null }, never)
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(image).toEqual({ repository: `${host}/team/shop`, digest, isReused: false })
      expect(lines.join('\n')).toContain('COPY page.html /page.html')
    },
  )

  test(named('labels the image with the repo and the commit that it is from'), async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    expect(await configOf(await imageOf(root))).toMatchObject({
      config: {
        Labels: {
          'org.opencontainers.image.source': 'https://github.com/acme/shop',
          'org.opencontainers.image.revision': SHA,
          'dev.westage.app': 'shop',
        },
      },
    })
  })

  test(named('builds the stage that is asked for, with the arguments and for the platform'), async () => {
    const stages = [
      'FROM scratch AS web',
      'ARG MODE=none',
      'LABEL mode=$MODE',
      'COPY Dockerfile /',
      'FROM scratch AS api',
    ]
    const root = await repoOf({ Dockerfile: [...stages, 'LABEL mode=api', 'COPY Dockerfile /'].join('\n') })
    const inputs = { args: { MODE: 'two words' }, target: 'web', platforms: ['linux/arm64'] }
    expect(await configOf(await imageOf(root, inputs))).toMatchObject({
      architecture: 'arm64',
      config: { Labels: { mode: 'two words' } },
    })
  })

  test(named('builds from a context and a Dockerfile below the repo'), async () => {
    const files = { 'web/docker/prod.Dockerfile': 'FROM scratch\nCOPY page.html /\n', 'web/app/page.html': 'hello' }
    const image = await imageOf(await repoOf(files), { context: 'web/app', dockerfile: 'web/docker/prod.Dockerfile' })
    expect(await filesOf(image)).toEqual(new Map([['page.html', 'hello']]))
  })

  test(named('leaves out of the image what .dockerignore names'), async () => {
    const files = { Dockerfile: 'FROM scratch\nCOPY web /\n', '.dockerignore': '**/*.key\n' }
    const root = await repoOf({ ...files, 'web/page.html': 'hello', 'web/tls.key': 'hush' })
    expect(await filesOf(await imageOf(root))).toEqual(new Map([['page.html', 'hello']]))
  })

  test(named('sees of the context what its paths name, but for what .dockerignore names'), async () => {
    const files = { 'docker/Dockerfile': 'FROM scratch\nCOPY . /\n', '.dockerignore': '**/*.key\n.dockerignore\n' }
    const root = await repoOf({ ...files, 'web/a/page.html': 'hello', 'web/a/tls.key': 'hush', 'api/page.html': 'no' })
    const image = await imageOf(root, { dockerfile: 'docker/Dockerfile', paths: ['web/**/*.html', 'web/a/tls.key'] })
    expect(await filesOf(image)).toEqual(new Map([['web/a/page.html', 'hello']]))
  })

  test(named('builds for several platforms, or says that it can not'), async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const image = imageOf(root, { platforms: ['linux/amd64', 'linux/arm64'] })
    if (tool.startsWith('buildkit')) return expect(await architecturesOf(await image)).toEqual(['amd64', 'arm64'])
    return await expect(image).rejects.toThrow(
      new Terminal(
        `${tool} builds for one platform at a time, and linux/amd64 and linux/arm64 are asked for: name one`,
      ),
    )
  })

  test(named('has what RUN steps print in the log as it comes, and tells the author which one failed'), async () => {
    const steps = ['FROM scratch', 'COPY system/ /', 'RUN echo one-$((1 + 1))', '', 'RUN echo three; \\', '  exit 3']
    const root = await repoOf({ Dockerfile: steps.join('\n') })
    await copyPrograms(join(root, 'system'), ['/bin/sh'])
    const lines: string[] = []
    const failure = await imageOf(root, {}, (line) => lines.push(line)).catch((error) => error)
    expect(lines.join('\n')).toContain('one-2')
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({
      whose: 'author',
      message: expect.stringMatching(/^Dockerfile:5: RUN echo three;.* 3$/),
    })
  })

  test(named('tells the author in which line a file is copied that is not there'), async () => {
    const failure = await failureOf({ Dockerfile: '# the page\nFROM scratch\n\nCOPY nothere.html \\\n  /page.html\n' })
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({
      whose: 'author',
      message: expect.stringContaining('Dockerfile:4: COPY nothere.html'),
    })
    expect((failure as Terminal).message).toContain('not')
    expect((failure as Terminal).details.join('\n')).toContain('nothere.html')
  })

  test(named('tells the author in which line an instruction is unknown'), async () => {
    const failure = await failureOf({ Dockerfile: 'FROM scratch\nCOPYY a /a\n' })
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({
      whose: 'author',
      message: expect.stringMatching(/^Dockerfile:2: COPYY a \/a: unknown/i),
    })
  })

  test(named('names the Dockerfile or context that a commit does not have'), async () => {
    const root = await repoOf({ README: '' })
    const build = async (more: object) => (await builder()).build(requestFor(root, more), quiet, never)
    await expect(build({})).rejects.toThrow(new Terminal('the Dockerfile Dockerfile is not in the repo'))
    await expect(build({ context: 'web' })).rejects.toThrow(new Terminal('the build context web is not in the repo'))
  })

  test(named('takes no Dockerfile and no context through a link that leads out of the repo'), async () => {
    const outside = await repoOf({ Dockerfile: 'FROM scratch\nCOPY . /\n' })
    const root = await repoOf({ README: '' })
    await symlink(join(outside, 'Dockerfile'), join(root, 'Dockerfile'))
    const build = (await builder()).build(requestFor(root), quiet, never)
    await expect(build).rejects.toThrow(new Terminal('the Dockerfile Dockerfile leads out of the repo'))
    await symlink(outside, join(root, 'web'))
    await expect(imageOf(root, { context: 'web' })).rejects.toThrow(
      new Terminal('the build context web leads out of the repo'),
    )
  })

  slow(named('leaves a registry that is down to be tried again'), async () => {
    const failure = await failureOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' }, '127.0.0.1:1')
    expect(failure).not.toBeInstanceOf(Terminal)
    expect(failure).not.toBeInstanceOf(NotReady)
    expect((failure as Error).message).toMatch(/127\.0\.0\.1:1\/team\/shop.*connection refused/)
  })

  slow(named('leaves a base image whose registry is down to be tried again'), async () => {
    const failure = await failureOf({ Dockerfile: 'FROM 127.0.0.1:1/team/base:1\n' })
    expect(failure).not.toBeInstanceOf(Terminal)
    expect((failure as Error).message).toContain('connection refused')
  })

  it.skipIf(isSkipped || tool === 'docker')(
    named('leaves a registry that answers 503 to be tried again (docker tries for a minute itself)'),
    async () => {
      const host = await answering((_, response) => response.writeHead(503).end())
      const failure = await failureOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' }, host)
      expect(failure).not.toBeInstanceOf(Terminal)
    },
  )

  test(named('tells the author that a base image does not exist'), async () => {
    const failure = await failureOf({ Dockerfile: `FROM ${registry?.host}/team/nothere:1\n` })
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'author', message: expect.stringMatching(/nothere/) })
  })

  test(named('tells the operator that the registry refuses a push'), async () => {
    const guarded = await requireRegistry({ auth: 'basic', ...listening })
    const failure = await failureOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' }, guarded.host)
    await guarded.close()
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'operator' })
  })

  test(named('is gone within a second of an abort, a Job soon after it, and leaves no temporary folder'), async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY . /\n', large: '' })
    await truncate(join(root, 'large'), 2 ** 31)
    const before = await readdir(temporary.path)
    const [stop, reason] = [new AbortController(), new Error('superseded')]
    let abortedAtMs = 0
    const abort = (line: string) => {
      if (!/COPY|context/.test(line)) return
      abortedAtMs ||= Date.now()
      stop.abort(reason)
    }
    await expect((await builder()).build(requestFor(root), abort, stop.signal)).rejects.toBe(reason)
    // A Job is asked to go as soon; that it is gone, the node's kubelet says.
    expect(Date.now() - abortedAtMs).toBeLessThan(tool === 'buildkit in Jobs' ? 20_000 : 1000)
    expect(await readdir(temporary.path)).toEqual(before)
  })
})
