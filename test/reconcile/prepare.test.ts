import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NotReady, Terminal } from '../../src/domain/errors.ts'
import type { BuildRequest, ImageBuilder } from '../../src/ports.ts'
import { prepare } from '../../src/reconcile/prepare.ts'
import type { AppSettings } from '../../src/reconcile/settings.ts'
import { stepsOf } from '../../src/reconcile/steps.ts'
import { runsInMemory } from '../fakes/runs-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'
import { BUILT } from '../manifests/sample.ts'
import { IMAGE, REQUEST, SHOP } from './shop.ts'

const unheard: unknown[] = []
const hear = (reason: unknown) => void unheard.push(reason)
let others: NodeJS.UnhandledRejectionListener[] = []
beforeEach(() => {
  others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', hear)
})
afterEach(() => {
  process.off('unhandledRejection', hear)
  for (const listener of others) process.on('unhandledRejection', listener)
})

const APP: AppSettings = {
  ...SHOP,
  images: [
    {
      ...IMAGE,
      build: {
        args: { MODE: 'preview', REGION: 'eu' },
        target: null,
        platforms: ['linux/amd64'],
        secrets: { npmrc: '/etc/westage/npmrc' },
      },
    },
  ],
}
const CLUSTER_ROLE = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\n'

interface Repo {
  readonly appFile?: string
  readonly yaml: string
  readonly isBuilt?: boolean
  /** Instead of what makes every image. */
  readonly builder?: ImageBuilder
  readonly app?: Partial<AppSettings>
}

/** A run of prepare on a repo that holds this. */
async function preparing({ appFile, yaml, isBuilt = false, builder, app }: Repo) {
  const { signal } = new AbortController()
  const run = await runsInMemory().start({ key: '1/7/shop', title: '', pullUrl: '', sha: '' })
  const seen: { isPutAway: boolean; folder: string | null; built: BuildRequest | null } = {
    isPutAway: false,
    folder: null,
    built: null,
  }
  const prepared = prepare(
    { ...REQUEST, app: { ...APP, ...app } },
    {
      archives: { tarball: async () => Readable.from([]) },
      unpacker: { unpack: async () => {} },
      files: { text: async (_, path) => (path === '.westage.yaml' ? (appFile ?? null) : null) },
      kustomize: {
        version: 'kustomize',
        folderOf: async (_, wanted) => wanted ?? 'k8s',
        scan: async () => ({ missing: [] }),
        build: async (_, folder) => {
          seen.folder = folder
          return yaml
        },
      },
      builder: builder ?? {
        name: isBuilt ? 'local' : 'none',
        needsSource: isBuilt,
        build: async (wanted) => {
          seen.built = wanted
          return isBuilt ? { ...BUILT, isReused: false } : null
        },
        close: async () => {},
      },
      workspaces: {
        open: async () => ({
          path: '/tmp',
          async [Symbol.asyncDispose]() {
            for (let turn = 0; turn < 5; turn++) await setImmediate()
            seen.isPutAway = true
          },
        }),
      },
    },
    stepsOf(run, virtualClock(), 60_000, signal),
    signal,
  )
  return { prepared, seen, run }
}

it('that fails in its last step fails once its folder is put away, and never on its own before', async () => {
  const { prepared, seen } = await preparing({ yaml: CLUSTER_ROLE })
  await expect(prepared).rejects.toThrow('ClusterRole/all')
  expect(seen.isPutAway).toBe(true)
  expect(unheard).toEqual([])
})

it('builds and renders what .westage.yaml says, and says of it what counts for nothing', async () => {
  const yaml =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { containers: [{ name: a, image: front }, { name: b, image: other }] } } }\n'
  const appFile =
    'folder: deploy\ncontext: front\ndockerfile: front/Dockerfile\nbuild: { args: { MODE: full }, target: web }\nimage: front\napps: { shpo: {} }\n'
  const { prepared, seen } = await preparing({ yaml, appFile, isBuilt: true })
  const { bundle, notices } = await prepared
  expect(seen).toMatchObject({ folder: 'deploy', built: { context: 'front', dockerfile: 'front/Dockerfile' } })
  expect(seen.built).toMatchObject({
    args: { MODE: 'full', REGION: 'eu' },
    target: 'web',
    platforms: ['linux/amd64'],
    secrets: { npmrc: '/etc/westage/npmrc' },
  })
  expect(Object.keys(bundle.images)).toEqual(['front'])
  expect(notices).toEqual([expect.stringContaining('did you mean shop?')])
})

describe('several images of an app', () => {
  const TWO = 'images: { web: { dockerfile: web/Dockerfile }, worker: { context: worker, image: acme/jobs } }\n'
  const deployment = (...images: readonly string[]) =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) } } },
    })
  const building = (build: ImageBuilder['build'], needsSource = true): ImageBuilder => ({
    name: 'local',
    needsSource,
    build,
    close: async () => {},
  })
  /** Named after what is built. */
  const built = (request: BuildRequest) => ({
    ...{ repository: `r.test/shop/${request.image}`, digest: BUILT.digest },
    isReused: request.image === 'web',
  })

  it('are built beside each other, each from its own, and put where their own stand', async () => {
    const asked: BuildRequest[] = []
    let bothAsked = () => {}
    const both = new Promise<void>((resolve) => {
      bothAsked = resolve
    })
    const builder = building(async (request, log) => {
      asked.push(request)
      if (asked.length === 2) bothAsked()
      await both
      log(`STEP of ${request.dockerfile}`)
      return built(request)
    })
    const { prepared, run } = await preparing({ appFile: TWO, yaml: deployment('acme/web', 'acme/jobs'), builder })
    const { bundle } = await prepared
    expect(bundle.images).toEqual({
      'acme/web': `r.test/shop/web@${BUILT.digest}`,
      'acme/jobs': `r.test/shop/worker@${BUILT.digest}`,
    })
    const none = { args: {}, target: null, platforms: [], secrets: {} }
    expect(asked).toEqual([
      expect.objectContaining({ image: 'web', context: '.', dockerfile: 'web/Dockerfile', ...none }),
      expect.objectContaining({ image: 'worker', context: 'worker', dockerfile: 'Dockerfile', ...none }),
    ])
    expect(run.tail(100)).toEqual(expect.arrayContaining(['web: STEP of web/Dockerfile', 'worker: STEP of Dockerfile']))
    const note = run.steps().find(({ step }) => step === 'build')?.note
    expect(note).toBe(`web: r.test/shop/web@${BUILT.digest}, reused; worker: r.test/shop/worker@${BUILT.digest}`)
  })

  it('end together where one fails, whose image is named', async () => {
    const ended: unknown[] = []
    const builder = building(({ image }, _, signal) => {
      if (image === 'web') return Promise.reject(new Terminal('web/Dockerfile:3: RUN make: exit 2', { details: ['x'] }))
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          ended.push(image)
          reject(signal.reason)
        })
      })
    })
    const { prepared } = await preparing({ appFile: TWO, yaml: deployment('acme/web', 'acme/jobs'), builder })
    await expect(prepared).rejects.toMatchObject({
      message: 'image web: web/Dockerfile:3: RUN make: exit 2',
      ...{ whose: 'author', details: ['x'] },
    })
    expect(ended).toEqual(['worker'])
  })

  it('that nothing runs are said to be built for nothing', async () => {
    const builder = building(async (request) => built(request))
    const { prepared } = await preparing({ appFile: TWO, yaml: deployment('acme/web'), builder })
    expect((await prepared).notices).toEqual([expect.stringContaining('the image worker is built and not used')])
  })

  it('have what the instance says of those of the same names, and no secrets of others', async () => {
    const asked: BuildRequest[] = []
    const builder = building(async (request) => {
      asked.push(request)
      return built(request)
    })
    const secrets = { npmrc: '/etc/westage/npmrc' }
    const images = ['worker', 'gone'].map((name) => ({ ...IMAGE, name, build: { ...IMAGE.build, secrets } }))
    const yaml = deployment('acme/web', 'acme/jobs')
    await (await preparing({ appFile: TWO, yaml, builder, app: { images } })).prepared
    expect(asked.map(({ image, secrets: given }) => [image, given])).toEqual([
      ['web', {}],
      ['worker', secrets],
    ])
  })

  it('of the instance are not mended by what is said of one image', async () => {
    const images = ['web', 'worker'].map((name) => ({ ...IMAGE, name }))
    const appFile = 'dockerfile: web/Dockerfile\n'
    const { prepared } = await preparing({ appFile, yaml: deployment('web'), isBuilt: true, app: { images } })
    await expect(prepared).rejects.toThrow('shop has several here, web, worker: put them under images, by name')
  })

  it('that CI makes are all waited for, and all that are not there yet are named', async () => {
    const asked: unknown[] = []
    const builder = building(async (request) => {
      asked.push(request.image)
      return built(request)
    }, false)
    const images = ['web', 'worker'].map((name) => ({ ...IMAGE, name }))
    const yaml = deployment('acme/web', 'acme/worker')
    const { bundle } = await (await preparing({ yaml, builder, app: { images } })).prepared
    expect([asked, Object.keys(bundle.images)]).toEqual([
      ['web', 'worker'],
      ['acme/web', 'acme/worker'],
    ])
    const early = building(async ({ image }) => {
      throw new NotReady(`waiting for ${image}`, image === 'web' ? 2000 : 1000)
    }, false)
    const { prepared } = await preparing({ yaml, builder: early, app: { images } })
    await expect(prepared).rejects.toMatchObject({ message: 'waiting for web; waiting for worker', afterMs: 1000 })
  })
})
