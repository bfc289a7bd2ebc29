/** What is left of buildah's builds that are aborted at whatever moment of build and push: counted. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import { commandPathOf } from '../../../src/adapters/child-process.ts'
import { leftBehind } from '../../loop/left-behind.ts'
import { findRegistry, requireRegistry } from '../../servers/registry.ts'
import { missingOf, tagsOf } from '../../servers/registry-tags.ts'
import { abortAtAnyMoment } from './abort-at-any-moment.ts'
import { storesIn } from './buildah-stores.ts'
import { ownTemporaryFolder, repoOf, requestFor } from './repo-on-disk.ts'

const isCI = process.env.CI === 'true'
const ABORTED = isCI ? 200 : 20
const AT_A_TIME = 4

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

const path = process.env.PATH ?? ''
/** Named so that the processes that work in it are found. */
const cacheDir = join(temporary.path, 'westage-buildah-layers')
const never = new AbortController().signal
const isMissing = (await commandPathOf('buildah', path)) === null || (await findRegistry()) === null
const isSkipped = isMissing && !isCI

it.skipIf(isSkipped)(
  `${ABORTED} builds that are aborted at any moment leave nothing${isSkipped ? ' (skipped: no buildah or no docker-registry)' : ''}`,
  async () => {
    const registry = await requireRegistry()
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    const builder = await findBuildah(
      {
        registry: { repository: `${registry.host}/team/{app}`, tag: '{hash}', plainHttp: true, authFile: null },
        credentials: { authFile: null, helperEnvironment: {} },
        timeoutMs: 60_000,
        path,
        env: {},
        webUrl: 'https://github.com',
        workDir: temporary.path,
        cacheDir,
      },
      log,
    )
    if (builder === null) throw new Error('buildah is not here')
    let [builds, buildMs] = [0, 0]
    /** Every one has another content. */
    const build = async (signal: AbortSignal) => {
      const files = { Dockerfile: 'FROM scratch\nCOPY same /\nCOPY text /\n', same: '', text: String(builds++) }
      const root = await repoOf(files)
      const startedAtMs = performance.now()
      try {
        await builder.build(requestFor(root), log, signal)
        buildMs = performance.now() - startedAtMs
      } finally {
        await rm(root, { recursive: true })
      }
    }
    const stores = () => storesIn(cacheDir)
    const swept = () =>
      vi.waitFor(async () => expect((await stores()).some(({ hasWork }) => hasWork)).toBe(false), 10_000)

    await build(never)
    await swept()
    await build(never)
    await swept()
    const [good] = await stores()
    const before = [await readdir(temporary.path), await leftBehind()]

    await abortAtAnyMoment(build, { times: ABORTED, atATime: AT_A_TIME, buildMs })

    // The store of a build that went well is swept once its result is handed on.
    await vi.waitFor(async () => expect([await readdir(temporary.path), await leftBehind()]).toEqual(before), 5000)
    await swept()
    const left = await stores()
    expect(left.length).toBeLessThanOrEqual(AT_A_TIME)
    for (const store of left) {
      expect(store.containers).toBe(0)
      expect(store.images).toBeLessThanOrEqual(good?.images ?? 0)
      // A layer that a killed buildah has not given to an image yet is removed with others.
      expect(store.layers).toBeLessThanOrEqual(2 * (good?.layers ?? 0))
    }
    const repository = `${registry.host}/team/shop`
    for (const tag of await tagsOf(repository)) expect(await missingOf(repository, tag)).toEqual([])
    await build(never)
    await builder.close() // what it tidies up would be in the way of removing the folder
    await registry.close()
  },
  isCI ? 300_000 : 90_000,
)
