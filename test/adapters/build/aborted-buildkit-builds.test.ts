/** What is left of BuildKit's builds that are aborted at whatever moment of build and push: counted. */
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { chooseBuilder } from '../../../src/adapters/build/choose-builder.ts'
import { leftBehind } from '../../loop/left-behind.ts'
import { buildKitPath, NO_BUILDKIT, startBuildKit } from '../../servers/buildkitd.ts'
import { findRegistry, requireRegistry } from '../../servers/registry.ts'
import { missingOf, tagsOf } from '../../servers/registry-tags.ts'
import { abortAtAnyMoment } from './abort-at-any-moment.ts'
import { copyPrograms, environmentsOf, ownTemporaryFolder, repoOf, requestFor } from './repo-on-disk.ts'

const isCI = process.env.CI === 'true'
const ABORTED = isCI ? 200 : 20
const AT_A_TIME = 4
/** Stands in the command line of each build's step. */
const STEP = '0.2987761'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

const path = await buildKitPath()
const never = new AbortController().signal
const isSkipped = (path === null || (await findRegistry()) === null) && !isCI

it.skipIf(isSkipped)(
  `${ABORTED} builds that are aborted at any moment leave nothing, in buildkitd too${isSkipped ? ` (skipped: ${NO_BUILDKIT}, or no docker-registry)` : ''}`,
  async () => {
    const registry = await requireRegistry()
    const buildkitd = await startBuildKit()
    const builder = await chooseBuilder({
      builder: 'buildkit',
      registry: { repository: `${registry.host}/team/{app}`, tag: '{hash}', plainHttp: true, authFile: null },
      buildkit: { address: buildkitd.address, tls: null, cacheTag: '{app}-cache', frontends: [] },
      timeoutMs: 60_000,
      path: path ?? '',
      workDir: temporary.path,
      log: () => {},
    })
    const root = await repoOf({ Dockerfile: `FROM scratch\nCOPY . /\nRUN ["/bin/sleep", "${STEP}"]\n` })
    await copyPrograms(root, ['/bin/sleep'])
    let [builds, buildMs] = [0, 0]
    /** Every one has another content. */
    const build = async (signal: AbortSignal) => {
      const own = `${root}-${builds++}`
      await cp(root, own, { recursive: true })
      await writeFile(join(own, 'text'), own)
      const startedAtMs = performance.now()
      try {
        await builder.build(requestFor(own), () => {}, signal)
        buildMs = performance.now() - startedAtMs
      } finally {
        await rm(own, { recursive: true })
      }
    }
    // BuildKit pushes an image and its cache at once, and the registry may take neither then. A run would try again.
    await build(never).catch(() => build(never))
    await build(never)
    const onDisk = () => readdir(temporary.path)
    const before = [await onDisk(), await leftBehind()]

    await abortAtAnyMoment(build, { times: ABORTED, atATime: AT_A_TIME, buildMs })

    expect([await onDisk(), await leftBehind()]).toEqual(before)
    // buildkitd hears of it by a connection that is gone.
    await vi.waitFor(async () => {
      expect(await buildkitd.underWay()).toEqual([])
      expect(await environmentsOf(STEP)).toEqual([])
    }, 2000)
    const repository = `${registry.host}/team/shop`
    const tags = await tagsOf(repository)
    expect(tags.length).toBeGreaterThanOrEqual(2)
    for (const tag of tags) expect(await missingOf(repository, tag)).toEqual([])
    await build(never)
    await buildkitd.close()
    await registry.close()
  },
  isCI ? 300_000 : 90_000,
)
