/** Previews of one app beside each other and beside what they are previews of, and with the services that they ask for. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig, NetworkingV1Api } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { apply } from '../cluster/apply.ts'
import { pushProgramImage } from '../images/push-program-image.ts'
import { pushServiceImages } from '../images/push-service-images.ts'
import { backend } from './backend.ts'
import { adminOf, bodyAt, type Given, givenInstance, REPO } from './given.ts'
import { program } from './program.ts'
import { contentOf } from './sample.ts'
import {
  ASKS_FOR_SERVICES,
  filesWithServices,
  SIBLING_HOST,
  SIBLING_NAMESPACE,
  SIBLING_VOLUME,
  STORAGE_CLASS,
  siblingObjects,
} from './sample-with-services.ts'

const target = process.env.WESTAGE_E2E === 'cluster' ? await backend() : null
/** What the app makes a round trip to; PostgreSQL, which it speaks not, is ready once its own probe signs in. */
const SPOKEN = ['mysql', 'redis', 'sqs'] as const
const SERVICES = [...SPOKEN, 'postgres'] as const
/** What a packet that no rule lets through ends in. */
const FORBIDDEN = /^not reached: .*(refused|timeout|deadline exceeded)/

describe.runIf(target?.hasPodNetwork)('in a cluster that others live in', { timeout: 400_000, retry: 1 }, () => {
  let here: Given
  let siblingImage: string
  let volumes: string
  beforeAll(async () => {
    if (target === null) return
    volumes = await mkdtemp(join(tmpdir(), 'westage-e2e-volumes-'))
    const settingsFor = async (registry: string) => {
      siblingImage = await pushProgramImage(registry, 'sibling', {
        server: await program('app-with-services'),
        'site/index.html': contentOf('sibling')['site/index.html'] ?? '',
      })
      const images = await pushServiceImages(registry, [...SERVICES, 'wait'], console.log)
      const { wait, ...ofServices } = images
      return {
        resync: '5s',
        argocd: { deadline: '4m' },
        apps: [{ name: 'shop', repository: REPO, namespaces: [SIBLING_NAMESPACE] }],
        addons: { allowed: SERVICES, images: ofServices, wait },
      }
    }
    here = await givenInstance(target.start, true, settingsFor, await filesWithServices())
  }, 600_000)
  afterAll(async () => {
    await here?.close()
    await rm(volumes, { recursive: true, force: true })
  }, 300_000)
  afterEach(async () => {
    const open = here.github.pulls(REPO).filter(({ state }) => state === 'open')
    for (const { number } of open) here.github.closePull(REPO, number)
    for (const { number } of open) await here.gone(number)
  }, 300_000)

  const core = () => adminOf(here).makeApiClient(CoreV1Api)
  const namespaceOf = async (name: string) =>
    (await here.argocd.namespaces()).find((namespace) => namespace.includes(name)) ?? ''

  it('two previews of an app and its long-lived sibling share nothing', async () => {
    const undo = await givenSibling(adminOf(here), here.argocd.adminKubeconfig ?? '', siblingImage, volumes)
    const sibling = (path: string) => bodyAt(here.argocd.previewAddress, `http://${SIBLING_HOST}/`, path)
    try {
      await here.until(async () => expect(await sibling('/')).toContain('headline: sibling'))
      const before = await objectsIn(adminOf(here), SIBLING_NAMESPACE)
      const names = ['north', 'south']
      const pulls = names.map((name) => here.openPull(name))
      for (const [at, name] of names.entries()) await here.live(pulls[at] ?? 0, name)

      const namespaces = [SIBLING_NAMESPACE, ...(await Promise.all(names.map(namespaceOf)))]
      const all = await Promise.all(namespaces.map((namespace) => objectsIn(adminOf(here), namespace)))
      expect(all[0], 'the sibling is as it was').toEqual(before)
      for (const kind of ['hosts', 'serviceAddresses', 'volumes', 'headlines'] as const) {
        const found = all.map((objects) => objects[kind])
        expect(
          found.every((values) => values.length === 1),
          `${kind}: ${JSON.stringify(found)}`,
        ).toBe(true)
        expect(new Set(found.flat()).size, `${kind}: ${found.join(' | ')}`).toBe(3)
      }

      const own = [sibling, ...pulls.map((pull) => (path: string) => here.get(pull, path))]
      for (const [at, get] of own.entries()) {
        const headline = ['sibling', ...names][at] ?? ''
        const address = `http://shop.${namespaces[at]}.svc.cluster.local/`
        expect(await get('/')).toContain(`headline: ${headline}\n`)
        expect(await get('/data')).toBe(`${headline}\n`)
        expect(await get('/env')).toContain(`API_URL=${address}\n`)
        expect(await get(`/reach?url=${address}`)).toContain(`headline: ${headline}\n`)
        for (const other of namespaces.filter((_, place) => place !== at)) {
          const reached = await get(`/reach?url=http://shop.${other}.svc.cluster.local/`)
          // What keeps the sibling's own traffic in is not WeStage's.
          expect(reached, `${headline} to ${other}`).toMatch(FORBIDDEN)
        }
        if (at > 0) expect(await get('/reach?url=https://kubernetes.default.svc/')).toMatch(FORBIDDEN)
      }

      here.github.closePull(REPO, pulls[0] ?? 0)
      await here.gone(pulls[0] ?? 0)
      expect(await sibling('/data')).toBe('sibling\n')
      expect(await here.get(pulls[1] ?? 0, '/data')).toBe('south\n')
      expect(await objectsIn(adminOf(here), SIBLING_NAMESPACE)).toEqual(before)
    } finally {
      await undo()
    }
  })

  it('an app reaches its MySQL, Redis and SQS by its variables, under the quota and the policies of its namespace', async () => {
    const undo = await givenVolumes(here.argocd.adminKubeconfig ?? '', volumes, ['own'])
    try {
      const labelledAtMs = performance.now()
      const pull = here.openPull('services', ASKS_FOR_SERVICES)
      await here.live(pull, 'services', 240_000)
      console.log(`label to live with four add-ons: ${((performance.now() - labelledAtMs) / 1000).toFixed(1)} s`)
      for (const service of SPOKEN) expect(await here.get(pull)).toContain(`${service} works\n`)
      expect(await here.get(pull, `/reach?url=https://kubernetes.default.svc/`)).toMatch(FORBIDDEN)

      const namespace = await namespaceOf('services')
      const { items: quotas } = await core().listNamespacedResourceQuota({ namespace })
      expect(quotas.map(({ status }) => status?.used?.pods)).toEqual([String(1 + SERVICES.length)])
      expect((await core().listNamespacedLimitRange({ namespace })).items).toHaveLength(1)
      const { items: pods } = await core().listNamespacedPod({ namespace })
      const containers = pods.flatMap(({ spec }) => spec?.containers ?? [])
      expect(containers.filter(({ resources }) => resources?.limits?.memory === undefined)).toEqual([])
      const policies = await adminOf(here).makeApiClient(NetworkingV1Api).listNamespacedNetworkPolicy({ namespace })
      expect(policies.items.map(({ metadata }) => metadata?.name)).toContain('westage')
    } finally {
      await undo()
    }
  })
})

/** What each of one app's deployments must have for itself. */
async function objectsIn(admin: KubeConfig, namespace: string) {
  const core = admin.makeApiClient(CoreV1Api)
  const ingresses = await admin.makeApiClient(NetworkingV1Api).listNamespacedIngress({ namespace })
  const services = await core.listNamespacedService({ namespace })
  const claims = await core.listNamespacedPersistentVolumeClaim({ namespace })
  const configs = await core.listNamespacedConfigMap({ namespace })
  return {
    hosts: ingresses.items.flatMap(({ spec }) => spec?.rules?.map(({ host }) => host) ?? []),
    serviceAddresses: services.items.map(({ spec }) => spec?.clusterIP),
    volumes: claims.items.map(({ spec }) => spec?.volumeName),
    headlines: configs.items.flatMap(({ data }) => (data?.HEADLINE === undefined ? [] : [data.HEADLINE])),
    generations: [...ingresses.items, ...claims.items].map(({ metadata }) => metadata?.generation),
    labels: [...ingresses.items, ...services.items, ...claims.items].map(({ metadata }) => metadata?.labels),
  }
}

/** The sibling, and volumes for it and two previews. @returns what takes all of it away */
async function givenSibling(admin: KubeConfig, kubeconfig: string, image: string, folder: string) {
  const undoVolumes = await givenVolumes(kubeconfig, folder, [SIBLING_VOLUME, 'first', 'second'])
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SIBLING_NAMESPACE } }
  await apply(kubeconfig, [namespace, ...siblingObjects(image)])
  return async () => {
    const core = admin.makeApiClient(CoreV1Api)
    await core.deleteNamespace({ name: SIBLING_NAMESPACE })
    const isGone = async () => {
      const { items } = await core.listNamespace()
      expect(items.map(({ metadata }) => metadata?.name)).not.toContain(SIBLING_NAMESPACE)
    }
    await vi.waitFor(isGone, { timeout: 60_000, interval: 200 })
    await undoVolumes()
  }
}

/** Nobody makes volumes by themselves in this cluster. @returns what takes them away */
async function givenVolumes(kubeconfig: string, folder: string, names: readonly string[]) {
  const volumes = names.map((name) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      storageClassName: STORAGE_CLASS,
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Mi' },
      hostPath: { path: join(folder, name), type: 'DirectoryOrCreate' },
      // The claim that asks for it by its name is the only one that gets it.
      ...(name === SIBLING_VOLUME && { claimRef: { namespace: SIBLING_NAMESPACE, name: 'data' } }),
    },
  }))
  await apply(kubeconfig, volumes)
  return async () => {
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    const core = config.makeApiClient(CoreV1Api)
    for (const name of names) await core.deletePersistentVolume({ name })
    for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
  }
}
