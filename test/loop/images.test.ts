/** An app of two images, of which a push changes one: really built, really pushed, through the whole loop. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findLocalBuilder } from '../../src/adapters/build/choose-builder.ts'
import { toolEnvironmentOf } from '../../src/config/tool-environment.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { findRegistry, type RunningRegistry, requireRegistry } from '../servers/registry.ts'
import { type Given, givenInstance, REPO } from './given.ts'
import { SAMPLE } from './sample.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

const { path, passed: env } = toolEnvironmentOf()
const nowhere = { repository: '127.0.0.1:1/{app}', tag: '{sha}', plainHttp: true, authFile: null }
const builder = await findLocalBuilder({ registry: nowhere, timeoutMs: 1000, path, env, log: () => {} })
const isMissing = builder === null || (await findRegistry()) === null
const isCI = process.env.CI === 'true'

let here: Given
afterEach(() => here?.close())

const APP_FILE = `images:
  web: { context: web, dockerfile: web/Dockerfile, image: registry.example.com/acme/shop }
  tidy: { context: tidy, dockerfile: tidy/Dockerfile }
`
const CRON_JOB = 'k8s/base/cronjob.yaml'
/** The sample, whose CronJob runs an image of its own. */
const FILES = {
  '.westage.yaml': APP_FILE,
  'web/Dockerfile': 'FROM scratch\nCOPY index.html /\n',
  'web/index.html': 'one',
  'tidy/Dockerfile': 'FROM scratch\nCOPY rules /\n',
  'tidy/rules': 'all',
  [CRON_JOB]: SAMPLE[CRON_JOB]?.replace('acme/shop:1', 'acme/shop-tidy:1') ?? '',
}
const MANIFESTS = 'previews/shop/pr-1/manifests'

describe.skipIf(isMissing && !isCI)(
  `an app of two images${isMissing ? ' (skipped: no builder, or no docker-registry)' : ''}`,
  () => {
    let registry: RunningRegistry
    beforeAll(async () => {
      registry = await requireRegistry()
    })
    afterAll(() => registry.close())

    const given = (more: object = {}) =>
      givenInstance({
        settings: { builder: 'local', registry: { repository: `${registry.host}/{app}`, plainHttp: true }, ...more },
      })
    const logOfHead = async (pull: number) =>
      await (await fetch(here.lastStatusOf(here.headOf(pull))?.logUrl ?? '')).text()
    /** Tags that the registry has been given so far. */
    const tags = async (): Promise<readonly string[]> => {
      const answer = await fetch(`http://${registry.host}/v2/shop/tags/list`)
      return ((await answer.json()) as { tags: readonly string[] }).tags.toSorted()
    }
    const digestIn = async (file: string) =>
      /@(sha256:[0-9a-f]{64})/.exec((await here.file(`${MANIFESTS}/${file}`)) ?? '')?.[1]

    it('has both built, each put where it belongs; a push that changes one builds that one', async () => {
      here = await given()
      const pull = here.openPull('feat/pay', FILES)
      await here.live(pull)
      const [web, tidy] = [await digestIn('deployment-shop.yaml'), await digestIn('cronjob-tidy.yaml')]
      expect(web).not.toBe(tidy)
      const preview = await here.file('previews/shop/pr-1/preview.yaml')
      expect(preview).toContain(`registry.example.com/acme/shop: ${registry.host}/shop@${web}`)
      expect(preview).toContain(`registry.example.com/acme/shop-tidy: ${registry.host}/shop@${tidy}`)
      expect((await tags()).map((tag) => tag.replace(/[0-9a-f]{64}/, '#'))).toEqual(['tidy-#', 'web-#'])
      const log = await logOfHead(pull)
      expect(log).toMatch(/web: .*COPY index\.html/)
      expect(log).toMatch(/tidy: .*COPY rules/)
      here.github.push(REPO, pull, { 'web/index.html': 'two' })
      await here.live(pull)
      expect(await digestIn('cronjob-tidy.yaml')).toBe(tidy)
      expect(await digestIn('deployment-shop.yaml')).not.toBe(web)
      expect((await tags()).map((tag) => tag.replace(/[0-9a-f]{64}/, '#'))).toEqual(['tidy-#', 'web-#', 'web-#'])
      const after = await logOfHead(pull)
      expect(after).toMatch(/web: .*COPY index\.html/)
      expect(after).not.toContain('COPY rules')
      expect(after).toMatch(/tidy: .* is in the registry already: nothing to build/)
      expect(here.checkOf(pull)?.output.text).toContain(`${tidy}, reused`)
    })

    it('has both built from the root of the repo; a push that changes what one names builds that one', async () => {
      here = await given()
      const ofRoot = {
        '.westage.yaml': `images:
  web: { dockerfile: web/Dockerfile, paths: [web, '*.json'], image: registry.example.com/acme/shop }
  tidy: { dockerfile: tidy/Dockerfile, paths: [tidy] }
`,
        'web/Dockerfile': 'FROM scratch\nCOPY . /\n',
        'tidy/Dockerfile': 'FROM scratch\nCOPY . /\n',
        'package.json': '{}',
      }
      const pull = here.openPull('feat/pay', { ...FILES, ...ofRoot })
      await here.live(pull)
      const [web, tidy] = [await digestIn('deployment-shop.yaml'), await digestIn('cronjob-tidy.yaml')]
      here.github.push(REPO, pull, { 'web/index.html': 'two', 'docs/README.md': 'new' })
      await here.live(pull)
      expect(await digestIn('cronjob-tidy.yaml')).toBe(tidy)
      expect(await digestIn('deployment-shop.yaml')).not.toBe(web)
      const log = await logOfHead(pull)
      expect(log).toMatch(/tidy: .* is in the registry already: nothing to build/)
      expect(log).toMatch(/web: of the build context \. its paths name 3 files/)
    })

    it('fails of either, and the Check names the image, its Dockerfile and the line', async () => {
      here = await given()
      const pull = here.openPull('feat/pay', { ...FILES, 'tidy/Dockerfile': 'FROM scratch\n\nCOPY gone /\n' })
      await here.concluded(pull, 'failure')
      expect(here.checkOf(pull)?.output.title).toContain('Failed in build: image tidy: tidy/Dockerfile:3: COPY gone /')
      expect(here.checkOf(pull)?.output.summary).toContain('Push a commit that mends it')
    })
  },
)
