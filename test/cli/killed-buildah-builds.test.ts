/** `westage serve`, killed at whatever moment of a build or its push and started again: what is left is counted. */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { storesIn } from '../adapters/build/buildah-stores.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { givenInstance, REPO } from '../loop/given.ts'
import { leftBehind, processFolders } from '../loop/left-behind.ts'
import { findRegistry, requireRegistry } from '../servers/registry.ts'
import { missingOf, tagsOf } from '../servers/registry-tags.ts'
import { builtCommand, type Command } from './built-command.ts'

const isCI = process.env.CI === 'true'
const KILLS = isCI ? 15 : 3

const temporary = await ownTemporaryFolder()
const isMissing = (await commandPathOf('buildah', process.env.PATH ?? '')) === null || (await findRegistry()) === null
const isSkipped = isMissing && !isCI
let command: Command
beforeAll(async () => {
  if (!isSkipped) command = await builtCommand()
})
afterAll(() => temporary.close())

it.skipIf(isSkipped)(
  `killed ${KILLS} times while it builds, it leaves no process, and the next start removes the rest${isSkipped ? ' (skipped: no buildah or no docker-registry)' : ''}`,
  async () => {
    const registry = await requireRegistry()
    const here = await givenInstance({
      settings: { builder: 'buildah', registry: { repository: `${registry.host}/{app}`, plainHttp: true } },
    })
    await here.stop()
    const cacheDir = join(dirname(here.configFile), 'data', 'layers')
    const apart = await leftBehind()
    const serve = () => command.start(['serve', '--config', here.configFile], here.secrets)
    /** What a start removes is there until then; a process that is left would be there for ever. */
    const processes = async () => (await leftBehind()).filter((line) => /^\d/.test(line) && !apart.includes(line))
    const swept = () =>
      here.until(async () => expect((await storesIn(cacheDir)).some(({ hasWork }) => hasWork)).toBe(false))

    let service = serve()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    let buildMs = 0
    for (const text of ['warm', 'again']) {
      await swept()
      const startedAtMs = performance.now()
      here.github.push(REPO, pull, { 'site/index.html': text })
      await here.live(pull)
      buildMs = performance.now() - startedAtMs
    }
    await swept()
    const [good] = await storesIn(cacheDir)

    for (let nth = 0; nth < KILLS; nth++) {
      here.github.push(REPO, pull, { 'site/index.html': String(nth) })
      await here.until(async () => {
        const isBuilding = (await storeNames(cacheDir)).includes('work')
        expect(isBuilding || here.checkOf(pull)?.conclusion === 'success').toBe(true)
      })
      // The first is killed as soon as it builds, the others within what a build and its push take.
      setTimeout(() => service.kill('SIGKILL'), nth === 0 ? 0 : (Math.random() * buildMs) / 2)
      await service.ended()
      if (nth === 0) expect(await storeNames(cacheDir)).toContain('work')
      await here.until(async () => expect(await processes()).toEqual([]))
      service = serve()
    }
    await here.live(pull)
    await swept()
    expect(await processFolders()).toHaveLength(1)
    const stores = await storesIn(cacheDir)
    expect(stores).toHaveLength(1)
    expect(stores[0]?.containers).toBe(0)
    expect(stores[0]?.images).toBeLessThanOrEqual(good?.images ?? 0)
    expect(stores[0]?.layers).toBeLessThanOrEqual(2 * (good?.layers ?? 0))
    const repository = `${registry.host}/shop`
    for (const tag of await tagsOf(repository)) expect(await missingOf(repository, tag)).toEqual([])

    service.kill('SIGTERM')
    expect((await service.ended()).code).toBe(0)
    expect([...(await processes()), ...(await processFolders())]).toEqual([])
    await here.close()
    await registry.close()
  },
  isCI ? 300_000 : 120_000,
)

/** What there is in the one store. */
async function storeNames(cacheDir: string): Promise<readonly string[]> {
  const [app = ''] = await readdir(cacheDir)
  return await readdir(join(cacheDir, app, '0'))
}
