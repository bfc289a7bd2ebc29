/** `westage serve`, killed at whatever moment of a build by BuildKit and started again: what is left is counted. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chooseBuilder } from '../../src/adapters/build/choose-builder.ts'
import { copyPrograms, environmentsOf, ownTemporaryFolder, repoOf, requestFor } from '../adapters/build/repo-on-disk.ts'
import { givenInstance, REPO } from '../loop/given.ts'
import { leftBehind, processFolders } from '../loop/left-behind.ts'
import { SAMPLE } from '../loop/sample.ts'
import { buildKitPath, NO_BUILDKIT, startBuildKit } from '../servers/buildkitd.ts'
import { findRegistry, requireRegistry } from '../servers/registry.ts'
import { missingOf, tagsOf } from '../servers/registry-tags.ts'
import { builtCommand, type Command } from './built-command.ts'

const isCI = process.env.CI === 'true'
const KILLS = isCI ? 10 : 2
/** Stands in the command line of each build's step. */
const STEP = '0.4987762'

const temporary = await ownTemporaryFolder()
const path = await buildKitPath()
const isSkipped = (path === null || (await findRegistry()) === null) && !isCI
let command: Command
beforeAll(async () => {
  if (!isSkipped) command = await builtCommand()
})
afterAll(() => temporary.close())

it.skipIf(isSkipped)(
  `killed ${KILLS} times while BuildKit builds, it leaves nothing running, and the next start removes the rest${isSkipped ? ` (skipped: ${NO_BUILDKIT}, or no docker-registry)` : ''}`,
  async () => {
    const registry = await requireRegistry()
    const buildkitd = await startBuildKit()
    const base = await baseIn(registry.host, buildkitd.address)
    const here = await givenInstance(
      {
        path: path ?? '',
        settings: {
          builder: 'buildkit',
          buildkit: { address: buildkitd.address },
          registry: { repository: `${registry.host}/{app}`, plainHttp: true },
        },
      },
      { ...SAMPLE, Dockerfile: `FROM ${base}\nCOPY site /site\nRUN ["/bin/sleep", "${STEP}"]\n` },
    )
    await here.stop()
    const apart = await leftBehind()
    const serve = () => command.start(['serve', '--config', here.configFile], { ...here.secrets, PATH: path ?? '' })
    /** What a start removes is there until then; a process that is left would be there for ever. */
    const processes = async () => (await leftBehind()).filter((line) => /^\d/.test(line) && !apart.includes(line))
    const nothingRuns = () =>
      here.until(async () => {
        expect(await processes()).toEqual([])
        expect(await buildkitd.underWay()).toEqual([])
        expect(await environmentsOf(STEP)).toEqual([])
      })

    let service = serve()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const startedAtMs = performance.now()
    here.github.push(REPO, pull, { 'site/index.html': 'warm' })
    await here.live(pull)
    const runMs = performance.now() - startedAtMs

    for (let nth = 0; nth < KILLS; nth++) {
      here.github.push(REPO, pull, { 'site/index.html': String(nth) })
      await here.until(async () => {
        const isBuilding = (await buildkitd.underWay()).length > 0
        expect(isBuilding || here.checkOf(pull)?.conclusion === 'success').toBe(true)
      })
      // The first is killed as soon as it builds, the others within what a build and its push take.
      setTimeout(() => service.kill('SIGKILL'), nth === 0 ? 0 : (Math.random() * runMs) / 2)
      await service.ended()
      await nothingRuns()
      service = serve()
    }
    await here.live(pull)
    expect(await processFolders()).toHaveLength(1)
    const repository = `${registry.host}/shop`
    for (const tag of await tagsOf(repository)) expect(await missingOf(repository, tag)).toEqual([])

    service.kill('SIGTERM')
    expect((await service.ended()).code).toBe(0)
    await nothingRuns()
    expect(await processFolders()).toEqual([])
    await here.close()
    await buildkitd.close()
    await registry.close()
  },
  isCI ? 300_000 : 120_000,
)

/** An image with the program that the steps run. @returns its name by its digest */
async function baseIn(host: string, address: string): Promise<string> {
  const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY . /\n' })
  await copyPrograms(root, ['/bin/sleep'])
  const builder = await chooseBuilder({
    builder: 'buildkit',
    registry: { repository: `${host}/base`, tag: '{sha}', plainHttp: true, authFile: null },
    buildkit: { address, tls: null, cacheTag: null, frontends: [] },
    timeoutMs: 60_000,
    path: path ?? '',
    workDir: temporary.path,
    log: () => {},
  })
  const image = await builder.build(requestFor(root), () => {}, new AbortController().signal)
  if (image === null) throw new Error('no image')
  return `${image.repository}@${image.digest}`
}
