/** Images of pull requests: really built, really pushed, and pinned by the digest that the registry has. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findLocalBuilder } from '../../src/adapters/build/choose-builder.ts'
import { manifestDigest } from '../../src/adapters/registry/manifest.ts'
import { toolEnvironmentOf } from '../../src/config/tool-environment.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { cloneAsPerson } from '../servers/git-person.ts'
import { startMemoryRegistry } from '../servers/memory-registry.ts'
import { pushImage } from '../servers/push-image.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  requireRegistry,
  startRegistry,
} from '../servers/registry.ts'
import { startFront } from './front.ts'
import { type Given, givenInstance, REPO } from './given.ts'
import { SAMPLE } from './sample.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

const MANIFESTS = 'previews/shop/pr-1/manifests'
const never = new AbortController().signal
const { path, passed: env } = toolEnvironmentOf()
const nowhere = { repository: '127.0.0.1:1/{app}', tag: '{sha}', plainHttp: true, authFile: null }
const builder = await findLocalBuilder({ registry: nowhere, timeoutMs: 1000, path, env, log: () => {} })
const isCI = process.env.CI === 'true'
const missing = [
  ...(builder === null ? ['no docker engine and no buildah'] : []),
  ...((await findRegistry()) === null ? ['no docker-registry'] : []),
].join(', ')

let here: Given
afterEach(() => here?.close())

/** The digest that a preview is pinned to, null where the registry has no such image. */
async function digestIn(host: string, pull: number): Promise<string | null> {
  const preview = await here.file(`previews/shop/pr-${pull}/preview.yaml`)
  const [reference = 'none'] = /sha256:[0-9a-f]{64}/.exec(preview ?? '') ?? []
  const image = { registry: host, repository: 'shop', reference }
  return await manifestDigest(image, { plainHttp: true, credentials: null }, never)
}

describe.skipIf(missing !== '' && !isCI)(`an image${missing === '' ? '' : ` (skipped: ${missing})`}`, () => {
  let registry: RunningRegistry
  beforeAll(async () => {
    const started = await startRegistry()
    if (started === null) throw new Error(missing)
    registry = started
  })
  afterAll(() => registry.close())

  const givenBuilder = (host = registry.host) =>
    givenInstance({ settings: { builder: 'local', registry: { repository: `${host}/{app}`, plainHttp: true } } })

  it('is built from the Dockerfile of the commit, pushed, and pinned by its digest wherever the app’s stands', async () => {
    here = await givenBuilder()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const first = await digestIn(registry.host, pull)
    expect(first).toMatch(/^sha256:/)
    const pinned = (digest: string | null) => `image: ${registry.host}/shop@${digest}`
    expect(await here.file(`${MANIFESTS}/deployment-shop.yaml`)).toContain(pinned(first))
    expect(await here.file(`${MANIFESTS}/cronjob-tidy.yaml`)).toContain(pinned(first))
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toContain(first)
    expect(here.checkOf(pull)?.output.text).toContain(first)
    const page = await (await fetch(here.lastStatusOf(here.headOf(pull))?.logUrl ?? '')).text()
    expect(page).toContain('COPY site /site')

    here.github.push(REPO, pull, { 'site/index.html': 'more' })
    await here.live(pull)
    const second = await digestIn(registry.host, pull)
    expect(second).not.toBe(first)
    expect(await here.file(`${MANIFESTS}/deployment-shop.yaml`)).toContain(pinned(second))
  })

  it('whose Dockerfile fails names its line, as the author’s to mend, and the last good preview stays', async () => {
    here = await givenBuilder()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const good = here.headOf(pull)
    here.github.push(REPO, pull, { Dockerfile: 'FROM scratch\n# all of it\nCOPY nothing /nothing\n' })
    await here.concluded(pull, 'failure')
    const { title, summary, text } = here.checkOf(pull)?.output ?? {}
    expect(title).toContain('Failed in build: Dockerfile:3: COPY nothing /nothing')
    expect(summary).toContain('Push a commit that mends it')
    expect(summary).toContain(`${good.slice(0, 7)} is still up`)
    expect(text).toContain('Last lines of the log')
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toContain(good)
  })

  it('is not built again for a push of manifests alone, nor for a revert to a commit of before', async () => {
    here = await givenBuilder()
    const pull = here.openPull('feat/pay', { '.dockerignore': 'k8s\n*.md\n', 'site/index.html': 'one' })
    await here.live(pull)
    const first = await digestIn(registry.host, pull)
    const logOfHead = async () => await (await fetch(here.lastStatusOf(here.headOf(pull))?.logUrl ?? '')).text()
    const pushed = async (files: Record<string, string>) => {
      here.github.push(REPO, pull, files)
      await here.live(pull)
      return await digestIn(registry.host, pull)
    }

    const patch = 'resources: [../../base]\ncommonAnnotations: { note: new }\n'
    expect(await pushed({ 'k8s/overlays/preview/kustomization.yaml': patch, 'README.md': 'new' })).toBe(first)
    expect(await here.file(`${MANIFESTS}/deployment-shop.yaml`)).toContain('note: new')
    expect(await logOfHead()).toContain('is in the registry already: nothing to build')
    expect(await logOfHead()).not.toContain('COPY site')
    expect(here.checkOf(pull)?.output.text).toContain(`${first}, reused`)

    expect(await pushed({ 'site/index.html': 'two' })).not.toBe(first)
    expect(await logOfHead()).toContain('COPY site')
    expect(await pushed({ 'site/index.html': 'one' })).toBe(first)
    expect(await logOfHead()).not.toContain('COPY site')
  })

  it('that the registry is not there for is said to be retried, and goes live once it is back', async () => {
    const front = await startFront(registry.host)
    await front.set('down')
    here = await givenBuilder(front.address)
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(/^Waiting to try again in/))
    expect(here.checkOf(pull)).toMatchObject({ status: 'in_progress' })
    expect(here.checkOf(pull)?.output.summary).toContain('build: ')
    expect(here.checkOf(pull)?.output.summary).toContain('not yours to mend')
    await front.set('pass')
    await here.live(pull)
    expect(await digestIn(registry.host, pull)).not.toBeNull()
    await front.close()
  })
})

describe('an image that CI builds', () => {
  it('is waited for with nothing fetched meanwhile, and goes live once it is pushed', async () => {
    const registry = await startMemoryRegistry()
    here = await givenInstance({
      settings: { builder: 'external', registry: { repository: `${registry.host}/{app}`, plainHttp: true } },
    })
    const pull = here.openPull('feat/pay')
    const head = here.headOf(pull)
    await here.until(async () => {
      const page = await (await fetch(here.lastStatusOf(head)?.logUrl ?? '')).text()
      expect(page).toContain(`waiting for ${registry.host}/shop:${head} to be pushed by CI`)
    })
    expect(here.checkOf(pull)).toMatchObject({ status: 'in_progress' })
    expect(here.github.requests.filter(({ path: asked }) => asked.includes('tarball'))).toEqual([])
    const digest = await pushImage(`http://${registry.host}`, 'shop', head)
    await here.live(pull)
    expect(await here.file(`${MANIFESTS}/deployment-shop.yaml`)).toContain(`${registry.host}/shop@${digest}`)
    await registry.close()
  })

  it('of several that the author names is waited for with the others, which the Check names', async () => {
    const registry = await startMemoryRegistry()
    here = await givenInstance({
      settings: { builder: 'external', registry: { repository: `${registry.host}/team/{image}`, plainHttp: true } },
    })
    const images = 'images: { web: { image: registry.example.com/acme/shop }, tidy: {} }\n'
    const cronJob = SAMPLE['k8s/base/cronjob.yaml']?.replace('acme/shop:1', 'acme/tidy:1') ?? ''
    const pull = here.openPull('feat/pay', { '.westage.yaml': images, 'k8s/base/cronjob.yaml': cronJob })
    const head = here.headOf(pull)
    const waitingFor = (image: string) => `waiting for ${registry.host}/team/${image}:${head} to be pushed by CI`
    await here.until(() =>
      expect(here.checkOf(pull)?.output.summary).toContain(`${waitingFor('web')}; ${waitingFor('tidy')}`),
    )
    const tidy = await pushImage(`http://${registry.host}`, 'team/tidy', head)
    await here.until(() => expect(here.checkOf(pull)?.output.summary).not.toContain(waitingFor('tidy')))
    expect(here.checkOf(pull)?.output.summary).toContain(waitingFor('web'))
    const web = await pushImage(`http://${registry.host}`, 'team/web', head, {}, { architecture: 'arm64' })
    await here.live(pull)
    expect(await here.file(`${MANIFESTS}/deployment-shop.yaml`)).toContain(`${registry.host}/team/web@${web}`)
    expect(await here.file(`${MANIFESTS}/cronjob-tidy.yaml`)).toContain(`${registry.host}/team/tidy@${tidy}`)
    expect(here.github.requests.filter(({ path }) => path.includes('/contents/.westage.yaml'))).toHaveLength(1)
    await registry.close()
  })

  it('is not waited for where .westage.yaml is wrong', async () => {
    const registry = await startMemoryRegistry()
    here = await givenInstance({
      settings: { builder: 'external', registry: { repository: `${registry.host}/{app}`, plainHttp: true } },
    })
    const pull = here.openPull('feat/pay', { '.westage.yaml': 'imgae: shop\n' })
    await here.concluded(pull, 'failure')
    expect(here.checkOf(pull)?.output.title).toContain('.westage.yaml:1: imgae: is not a setting')
    await registry.close()
  })

  it.skipIf(missing.includes('docker-registry') && !isCI)(
    'from a registry that is not open to everybody is told to lack a pull secret, until common/ has one',
    async () => {
      const registry = await requireRegistry({ auth: 'basic' })
      const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')
      const authFile = join(temporary.path, 'auth.json')
      await writeFile(authFile, JSON.stringify({ auths: { [registry.host]: { auth } } }))
      here = await givenInstance({
        settings: {
          resync: '1s',
          builder: 'external',
          registry: { repository: `${registry.host}/{app}`, plainHttp: true, authFile },
        },
      })
      const pull = here.openPull('feat/pay')
      const push = (sha: string) =>
        pushImage(`http://${registry.host}`, 'shop', sha, { authorization: `Basic ${auth}` })
      await push(here.headOf(pull))
      const textOf = () => here.checkOf(pull)?.output.text ?? ''
      const words = `a pull secret is missing: ${registry.host}/shop is not open to everybody, and Deployment/shop, CronJob/tidy have none`
      await here.live(pull)
      expect(textOf()).toContain(words)

      const operator = await cloneAsPerson(here.gitDir)
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
      await operator.write(
        'common/account.yaml',
        JSON.stringify({ ...account, imagePullSecrets: [{ name: 'regcred' }] }),
      )
      await operator.commit('A pull secret for every preview')
      await operator.push()
      await here.until(() => expect(textOf()).toContain('Secret/regcred is missing: needed by ServiceAccount/default'))
      await here.live(pull)
      expect(textOf()).not.toContain('a pull secret is missing')
      await operator.pull()
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'regcred' },
        type: 'kubernetes.io/dockerconfigjson',
      }
      await operator.write(
        'common/regcred.yaml',
        JSON.stringify({ ...secret, stringData: { '.dockerconfigjson': '{}' } }),
      )
      await operator.commit('… and the secret itself')
      await operator.push()
      await here.until(() => expect(textOf()).not.toContain('is missing'))
      await operator.close()
      await registry.close()
    },
  )
})
