/** The whole loop with a buildkitd elsewhere. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { chooseBuilder } from '../../src/adapters/build/choose-builder.ts'
import { configOf, filesOf } from '../adapters/build/pushed-image.ts'
import { copyPrograms, environmentsOf, ownTemporaryFolder, repoOf, requestFor } from '../adapters/build/repo-on-disk.ts'
import { buildKitPath, NO_BUILDKIT, type RunningBuildKit, startBuildKit } from '../servers/buildkitd.ts'
import { findRegistry, type RunningRegistry, requireRegistry } from '../servers/registry.ts'
import { type Given, givenInstance, REPO } from './given.ts'

const temporary = await ownTemporaryFolder()
const isMissing = (await buildKitPath()) === null || (await findRegistry()) === null
const isSkipped = isMissing && process.env.CI !== 'true'
const SECRET = 'npm-token-4711'

let here: Given
afterEach(() => here?.close())
afterAll(() => temporary.close())

describe.skipIf(isSkipped)(`buildkitd${isSkipped ? ` (skipped: ${NO_BUILDKIT}, or no docker-registry)` : ''}`, () => {
  let registry: RunningRegistry
  let buildkitd: RunningBuildKit
  let base: string
  beforeAll(async () => {
    registry = await requireRegistry()
    buildkitd = await startBuildKit()
    base = await imageWithShell()
  })
  afterAll(async () => {
    await buildkitd.close()
    await registry.close()
  })

  const buildkitOf = () => ({ address: buildkitd.address, tls: null, cacheTag: null, frontends: [] })

  /** What steps of a pull request's Dockerfile can run in. */
  async function imageWithShell(): Promise<string> {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY system/ /\n' })
    await copyPrograms(join(root, 'system'), ['/bin/sh', '/bin/cat', '/bin/sleep'])
    const place = { repository: `${registry.host}/{app}`, tag: '{hash}', plainHttp: true, authFile: null }
    const how = { registry: place, buildkit: buildkitOf(), timeoutMs: 30_000, path: buildkitd.path, log: () => {} }
    const builder = await chooseBuilder({ ...how, builder: 'buildkit' })
    const image = await builder.build(requestFor(root, { app: 'base' }), () => {}, AbortSignal.timeout(30_000))
    return `${image?.repository}@${image?.digest}`
  }

  const givenBuildKit = async () => {
    const secrets = { npmrc: join(temporary.path, 'npmrc') }
    await writeFile(secrets.npmrc, `${SECRET}\n`)
    return await givenInstance({
      path: buildkitd.path,
      settings: {
        builder: 'buildkit',
        buildkit: { address: buildkitd.address, cacheTag: 'cache' },
        registry: { repository: `${registry.host}/{app}`, plainHttp: true },
        apps: [{ name: 'shop', repository: REPO, build: { args: { MODE: 'preview', REGION: 'eu' }, secrets } }],
      },
    })
  }
  const pageOf = async (pull: number): Promise<string> =>
    await (await fetch(here.lastStatusOf(here.headOf(pull))?.logUrl ?? '')).text()

  it('builds what the author and the operators say, and what it prints is in the log without its secret', async () => {
    here = await givenBuildKit()
    const step = 'RUN --mount=type=secret,id=npmrc cat /run/secrets/npmrc && echo $MODE $REGION > /made'
    const web = [`FROM ${base} AS web`, 'ARG MODE', 'ARG REGION', step, 'LABEL stage=web']
    const Dockerfile = [...web, 'FROM scratch', 'COPY nowhere /'].join('\n')
    const pull = here.openPull('feat/pay', {
      Dockerfile,
      '.westage.yaml': 'build: { args: { MODE: full }, target: web, platforms: [linux/amd64] }\n',
    })
    await here.live(pull)
    const preview = (await here.file('previews/shop/pr-1/preview.yaml')) ?? ''
    const [digest = ''] = /sha256:[0-9a-f]{64}/.exec(preview) ?? []
    const image = { repository: `${registry.host}/shop`, digest }
    expect(await configOf(image)).toMatchObject({ config: { Labels: { stage: 'web', 'dev.westage.app': 'shop' } } })
    expect((await filesOf(image)).get('made')).toBe('full eu\n')
    const page = await pageOf(pull)
    expect(page).toContain('***')
    expect(page).not.toContain(SECRET)
    expect(here.logged.join('\n')).not.toContain(SECRET)
  })

  it('is followed while it builds, and a newer push ends that build in it', async () => {
    here = await givenBuildKit()
    const endless = [`FROM ${base}`, 'RUN echo begun-$((40 + 2)) && sleep 98766'].join('\n')
    const pull = here.openPull('feat/pay', { Dockerfile: endless })
    await here.until(async () => expect(await pageOf(pull)).toContain('begun-42'))
    const [ref] = await buildkitd.underWay()
    expect(ref).toBeDefined()
    here.github.push(REPO, pull, { Dockerfile: 'FROM scratch\nCOPY site /site\n' })
    await here.live(pull)
    expect(await buildkitd.underWay()).not.toContain(ref)
    expect(await environmentsOf('98766')).toEqual([])
  })
})
