/**
 * The image that the Dockerfile makes: built, and run with a root that can't be written by a user that is not root. Its
 * base images are stand-ins with the same programs. Then in a pod, by argocd/westage. `npm run test:image`: it takes some
 * minutes.
 */
import { chmod, copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { ownTemporaryFolder, repoOf } from '../adapters/build/repo-on-disk.ts'
import { whyNoRealPods } from '../cluster/real-node.ts'
import { freePort } from '../demo/free-port.ts'
import { type Given, givenInstance, REPO } from '../loop/given.ts'
import { SAMPLE } from '../loop/sample.ts'
import { git } from '../servers/git-cli.ts'
import { called, SECRET, STRIPE, stripeSignature } from '../wehook/given.ts'
import { API_TOKEN, openPreviewApps, openWeStageApi } from '../wehook/preview-apps.ts'
import { weHookConfig } from '../wehook/wehook-process.ts'
import { baseImages } from './base-images.ts'
import { type ImageConfig, type Images, imagesIn } from './buildah.ts'
import { type Container, type ContainerOptions, startContainer } from './container.ts'
import { type InstalledWestage, installWestage } from './installed-westage.ts'

const needs = ['buildah', 'runc', 'go']
const found = await Promise.all(needs.map((name) => commandPathOf(name, process.env.PATH ?? '')))
const missing = needs.filter((_, at) => found[at] === null)
const isAsked = process.env.WESTAGE_TEST_IMAGE === 'build'
const reason = isAsked ? `needs ${missing.join(', ')}` : 'npm run test:image'
const isSkipped = !isAsked || (missing.length > 0 && process.env.CI !== 'true')
const whyNoPods = isSkipped ? null : await whyNoRealPods()

describe.skipIf(isSkipped)(`the image${isSkipped ? ` (skipped: ${reason})` : ''}`, () => {
  let temporary: Awaited<ReturnType<typeof ownTemporaryFolder>>
  let images: Images
  let image: ImageConfig
  let root: string
  let built: string
  const log = (line: string) => process.env.WESTAGE_TEST_IMAGE_LOG === 'yes' && console.log(line)
  beforeAll(async () => {
    temporary = await ownTemporaryFolder()
    images = imagesIn(join(temporary.path, 'images'), log)
    for (const base of await baseImages(log)) await images.make(base)
    built = await images.build(null)
    image = await images.config(built)
    root = await images.unpack(built)
  }, 1_200_000)
  afterAll(async () => {
    await images.close()
    await temporary.close()
  }, 300_000)

  let here: Given | null = null
  let running: Container | null = null
  afterEach(async () => {
    await running?.kill('SIGKILL').catch(() => {})
    await running?.ended()
    running = null
    await here?.close()
    here = null
  })

  /** Where runc may look: the user of the image is another than the one that tests are run by. */
  async function readable(folder: string): Promise<string> {
    await chmod(folder, 0o755)
    return folder
  }
  const container = (options: Omit<ContainerOptions, 'root' | 'image'>) =>
    startContainer(join(temporary.path, 'containers'), { root, image, ...options })
  const ended = async (args: readonly string[], more: Omit<ContainerOptions, 'root' | 'image' | 'args'> = {}) =>
    await (await container({ args, ...more })).ended()

  it('is westage of a user by its number, who is not root', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(image).toMatchObject({ User: '1000:1000', Entrypoint: ['westage'], ExposedPorts: { '8080/tcp': {} } })
    expect(await ended(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('renders a preview with its own kustomize', async () => {
    const repo = await readable(await repoOf({ ...SAMPLE, '.git/HEAD': '' }))
    const args = ['render', '/repo/k8s/overlays/preview', '--app', 'shop', '--branch', 'feat/pay', '--pr', '7']
    const { code, stdout, stderr } = await ended(args, { folders: { '/repo': repo }, writable: ['/tmp'] })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('kubectl') })
    expect(stdout).toContain('namespace: westage-shop-feat-pay')
  })

  it('serves: a pull request goes live, and it ends with 0 when it is told to', async () => {
    here = await givenInstance({ settings: { worker: { run: 'local' } } })
    await here.stop()
    const etc = await readable(await mkdtemp(join(tmpdir(), 'etc-')))
    const config = JSON.parse(await readFile(here.configFile, 'utf8'))
    const { kubeconfig } = config.argocd
    await copyFile(kubeconfig, join(etc, 'kubeconfig'))
    await chmod(join(etc, 'kubeconfig'), 0o644)
    const own = { dataDir: undefined, argocd: { ...config.argocd, kubeconfig: '/etc/westage/kubeconfig' } }
    await writeFile(join(etc, 'westage.yaml'), JSON.stringify({ ...config, ...own }))
    running = await container({
      args: ['serve', '--config', '/etc/westage/westage.yaml'],
      env: here.secrets,
      folders: { '/etc/westage': etc },
      writable: ['/var/lib/westage', '/tmp'],
    })
    const { url } = here
    const answers = (path: string) => fetch(`${url}${path}`).then(({ status }) => status)
    await here.until(async () => expect(await answers('/healthz')).toBe(200))
    await here.until(async () => expect(await answers('/readyz')).toBe(200))
    await here.live(here.openPull('feat/pay'))
    await running.kill('SIGTERM')
    const { code, stdout, stderr } = await running.ended()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('"kustomize":"kustomize v5')
    running = null
  }, 90_000)

  it('runs WeHook: what it takes is handed out, and it ends with 0 when it is told to', async () => {
    const [apps, westage] = await Promise.all([openPreviewApps(), openWeStageApi([{ pull: 1, callbacks: [STRIPE] }])])
    try {
      const etc = await readable(await mkdtemp(join(tmpdir(), 'etc-')))
      const port = await freePort()
      await weHookConfig(etc, { westage, apps }, { listen: { host: '127.0.0.1', port }, dataDir: './wehook' })
      running = await container({
        args: ['wehook', '--config', '/etc/westage/westage.yaml'],
        env: { WESTAGE_API_TOKEN: API_TOKEN, STRIPE_SECRET: SECRET },
        folders: { '/etc/westage': etc },
        writable: ['/var/lib/westage', '/tmp'],
      })
      const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 100 })
      const isReady = async () => expect((await called(port, { method: 'GET', path: '/readyz' })).status).toBe(200)
      await until(isReady)
      const body = Buffer.from('{}')
      const headers = ['Stripe-Signature', stripeSignature(body)]
      expect((await called(port, { body, headers })).status).toBe(200)
      await until(() => expect(apps.reached(1)).toMatchObject([{ body }]))
      await running.kill('SIGTERM')
      expect(await running.ended()).toMatchObject({ code: 0, stderr: '' })
      running = null
    } finally {
      await westage.close()
      await apps.close()
    }
  }, 120_000)

  it('has no tools of a build, and nothing that is not needed to run', async () => {
    const there = async (path: string) =>
      await readFile(join(root, 'opt/westage', path)).then(
        () => true,
        () => false,
      )
    expect(await there('dist/cli/westage.js')).toBe(true)
    expect(await there('node_modules/hono/package.json')).toBe(true)
    expect(await there('argocd/kustomization.yaml')).toBe(true)
    expect(await there('gitops-template/previews/README.md')).toBe(true)
    for (const path of ['src/main.ts', 'node_modules/vitest/package.json', 'node_modules/typescript/package.json'])
      expect(await there(path), path).toBe(false)
  })

  it('has buildctl where it is built for that', async () => {
    const other = await images.unpack(await images.build('with-buildctl'))
    await mkdir(join(temporary.path, 'containers'), { recursive: true })
    const asked = { ...image, Entrypoint: ['buildctl'] }
    const run = await startContainer(join(temporary.path, 'containers'), {
      root: other,
      image: asked,
      args: ['--version'],
    })
    expect(await run.ended()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^buildctl .*v0\.34\.2/) })
  }, 120_000)

  describe.skipIf(whyNoPods !== null && process.env.CI !== 'true')('in a cluster, by argocd/westage', () => {
    let installed: InstalledWestage
    beforeAll(async () => {
      installed = await installWestage((repository) => images.push(built, repository))
      // Where no cluster was started before, Go builds all of it.
    }, 3_600_000)
    afterAll(async () => await installed?.close(), 120_000)
    const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 120_000, interval: 200 })

    it('is ready, and lacks no right', async () => {
      await until(async () => expect(await installed.isReady(), await installed.log().catch(String)).toBe(true))
      expect((await fetch(`${await installed.url()}/readyz`)).status).toBe(200)
      expect(await installed.log()).not.toMatch(/may not|can't be asked/)
    }, 130_000)

    const READ_ONLY = { stderr: expect.stringContaining('Read-only file system') }
    it('can write nowhere but in its data folder and /tmp', async () => {
      for (const path of ['/tmp', '/var/lib/westage']) await installed.sh(`echo x > ${path}/x`)
      for (const path of ['/', '/opt/westage', '/etc/westage', '/home/node'])
        await expect(installed.sh(`echo x > ${path}/x`), path).rejects.toMatchObject(READ_ONLY)
    }, 60_000)

    it('prepares a pull request in a Job whose pod the NetworkPolicies hold, and commits its preview', async () => {
      const { github, gitops } = installed
      github.addRepository(REPO, SAMPLE)
      github.sendWebhooksTo(`${await installed.url()}/webhook`)
      const files = { 'site/index.html': 'new' }
      github.openPull(REPO, { branch: 'feat/pay', title: 'Pay', files, labels: ['westage'] })
      const show = () => git(['show', 'main:previews/shop/pr-1/preview.yaml'], { cwd: gitops.dir('gitops') })
      await until(async () => {
        const committed = await show().catch(() => installed.log())
        expect(committed).toContain('namespace: westage-shop-feat-pay')
      })
      await until(async () => expect(await installed.left()).toEqual({ jobs: 0, pods: 0, secrets: 0 }))
    }, 250_000)
  })
})
