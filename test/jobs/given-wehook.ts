/**
 * WeHook by `argocd/wehook`, three previews as WeStage commits them, and a provider: pods of the tests' cluster. WeStage
 * itself runs beside the cluster, behind a pod that stands where `argocd/westage` has it.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { dump, load } from 'js-yaml'
import { expect, vi } from 'vitest'
import { z } from 'zod'
import { kustomizedAlone, kustomizedWith } from '../argocd/kustomized.ts'
import { apply, remove } from '../cluster/apply.ts'
import { command } from '../cluster/command.ts'
import { freePorts } from '../cluster/free-ports.ts'
import { REAL_NODE } from '../cluster/real-node.ts'
import { pushProgramImage } from '../images/push-program-image.ts'
import { staticProgram } from '../images/static-program.ts'
import { type Given, givenInstance } from '../loop/given.ts'
import { SAMPLE } from '../loop/sample.ts'
import { git } from '../servers/git-cli.ts'
import { SECRET, STRIPE, stripeSignature } from '../wehook/given.ts'
import { givenJobWorld, type JobWorld } from './job-cluster.ts'
import { pushWestage } from './push-westage.ts'

const UNTIL = { timeout: 120_000, interval: 100 }
const WEHOOK = 'app.kubernetes.io/name=wehook'
/** In the NetworkPolicies of previews that do not let WeHook in. */
const SOMEWHERE_ELSE = 'ingress-nginx'

const ReachedSchema = z.array(
  z.object({ Host: z.string(), Path: z.string(), Delivery: z.string(), Signature: z.string(), Body: z.string() }),
)

/** What came to a preview. */
interface Reached {
  readonly host: string
  readonly path: string
  readonly delivery: string
  readonly signature: string
  readonly body: Buffer
}

export interface WeHookWorld {
  /** By pull request; the last one's NetworkPolicy does not let WeHook in. */
  readonly pulls: readonly [number, number, number]
  /** What people have in `Host` when they ask the preview of a pull request. */
  hostOf(pull: number): Promise<string>
  reached(pull: number): Promise<readonly Reached[]>
  /** A callback of Stripe's to WeHook's Service, signed now. @returns what is answered, 502 where nobody answers */
  pay(body: Buffer): Promise<{ readonly status: number; readonly signature: string }>
  /** What WeHook shows at that path. */
  page(path: string): Promise<string>
  /** Which of these places the pod of WeHook connects to, as `host:port`. */
  connectsTo(places: Readonly<Record<string, string>>): Promise<readonly string[]>
  /** Places that are none of WeHook's business, and those that are. */
  places(): Promise<Readonly<Record<string, string>>>
  applyPolicies(): Promise<void>
  /** Ends WeHook's process as the kernel does where memory is short. */
  killProcess(): Promise<void>
  /** Deletes its pod, as a drain of the node does. */
  deletePod(): Promise<void>
  close(): Promise<void>
}

/** Without the NetworkPolicies of `argocd/` so far, and with those of previews. @throws no cluster is up */
export async function givenWeHookWorld(): Promise<WeHookWorld> {
  const world = await givenJobWorld()
  const { cluster, registry, core } = world
  const namespace = `wehook-${randomBytes(4).toString('hex')}`
  const machine = cluster.addressForPods ?? ''
  const server = await staticProgram(join(import.meta.dirname, 'callback-pod'))
  const [pod, westage] = [
    await pushProgramImage(registry.host, 'callback-pod', { server }),
    await pushWestage(registry.host),
  ]
  const { port } = await freePorts(['port'])
  const here = await givenInstance(
    {
      listen: { host: machine, port },
      settings: { builder: 'none', namespace: { network: { ingressFrom: [namespace] } } },
    },
    appWith(pod),
  )
  const pulls = [here.openPull('a'), here.openPull('b'), here.openPull('c')] as const
  const data = await mkdtemp(join(tmpdir(), 'wehook-volume-'))
  const beside = kustomizedAlone('westage').filter(({ kind }) => ['Service', 'NetworkPolicy'].includes(kind))
  const said = { namespace, images: [imageOf(westage)], patches: [{ patch: MORE_OF_THE_PROCESSOR }] }
  const own = kustomizedWith('wehook', said, { 'westage.yaml': settings(namespace) })
  const installed = [...beside.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })), ...own]
  const policies = installed.filter(({ kind }) => kind === 'NetworkPolicy')
  const volume = volumeAt(data, namespace)
  const outer = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, volume]
  await apply(cluster.kubeconfigPath, [
    ...outer,
    secretOf(namespace, { WESTAGE_API_TOKEN: here.apiToken, STRIPE_WEBHOOK_SECRET: SECRET }),
    podOf(namespace, 'westage', pod, [`${machine}:${port}`]),
    podOf(namespace, 'provider', pod, []),
    ...installed.filter((object) => !policies.includes(object)),
  ])
  const previews = await Promise.all(pulls.map((pull) => committed(here, pull)))
  const closed = (manifests: readonly Manifest[], nth: number) => (nth < 2 ? manifests : closedTo(namespace, manifests))
  await Promise.all(previews.map((each, nth) => apply(cluster.kubeconfigPath, closed(each, nth))))
  const namespaceOf = new Map(pulls.map((pull, nth) => [pull, namespaceIn(previews[nth] ?? [])]))
  const ready = (space: string, labels: string) => readyPod(world, space, labels)
  const addressOf = async (space: string, labels: string) => (await ready(space, labels)).status?.podIP ?? ''
  const weHook = () => ready(namespace, WEHOOK)
  await weHook()
  const provider = await addressOf(namespace, 'app.kubernetes.io/name=provider')
  const addresses = new Map<number, string>()
  for (const [pull, space] of namespaceOf) addresses.set(pull, await addressOf(space, 'app=shop'))

  return {
    pulls,
    async hostOf(pull) {
      const { url } = z.looseObject({ url: z.string() }).parse(load((await previewFile(here, pull)) ?? ''))
      return new URL(url).host
    },
    async reached(pull) {
      const answer = await fetch(`http://${addresses.get(pull)}/reached`)
      return ReachedSchema.parse(await answer.json()).map(({ Host, Path, Delivery, Signature, Body }) => ({
        ...{ host: Host, path: Path, delivery: Delivery, signature: Signature, body: Buffer.from(Body, 'base64') },
      }))
    },
    async pay(body) {
      const signature = stripeSignature(body)
      const to = encodeURIComponent(`http://wehook.${namespace}/hooks/stripe`)
      const headers = { 'stripe-signature': signature }
      const answer = await fetch(`http://${provider}/send?url=${to}`, { method: 'POST', body, headers })
      await answer.body?.cancel()
      return { status: answer.status, signature }
    },
    page: async (path) => (await fetch(`http://${(await weHook()).status?.podIP}:8082${path}`)).text(),
    async connectsTo(places) {
      const name = (await weHook()).metadata?.name ?? ''
      const inPod = ['exec', '--namespace', namespace, name, '--', 'node', '-e', CONNECTING, JSON.stringify(places)]
      return z
        .array(z.string())
        .parse(JSON.parse(await command('kubectl', `--kubeconfig=${cluster.kubeconfigPath}`, ...inPod)))
    },
    async places() {
      const { status } = await core.readNode({ name: REAL_NODE })
      return {
        WeStage: `westage.${namespace}.svc:80`,
        'a preview': `shop.${namespaceOf.get(pulls[0])}.svc:80`,
        'a preview that does not let it in': `shop.${namespaceOf.get(pulls[2])}.svc:80`,
        'another pod beside it': `${provider}:80`,
        'the API server': 'kubernetes.default.svc:443',
        kubelet: `${machine}:${status?.daemonEndpoints?.kubeletEndpoint?.Port}`,
      }
    },
    applyPolicies: () => apply(cluster.kubeconfigPath, policies),
    async killProcess() {
      const { metadata } = await weHook()
      process.kill(await processIn(metadata?.uid ?? ''), 'SIGKILL')
    },
    async deletePod() {
      const name = (await weHook()).metadata?.name ?? ''
      await core.deleteNamespacedPod({ name, namespace })
    },
    async close() {
      await here.close()
      const spaces = [...namespaceOf.values()].map((name) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      }))
      await remove(cluster.kubeconfigPath, [...spaces, ...outer])
      await world.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** An app that takes Stripe's callbacks, in an image that is there. */
const appWith = (image: string): Readonly<Record<string, string>> => ({
  ...SAMPLE,
  '.westage.yaml': dump({ callbacks: [STRIPE] }),
  'k8s/base/deployment.yaml':
    SAMPLE['k8s/base/deployment.yaml']?.replace('registry.example.com/acme/shop:1', image) ?? '',
})

const imageOf = (reference: string): object => {
  const [newName, digest] = reference.split('@')
  return { name: 'westage', newName, digest }
}

/** Else it hardly gets on where other tests have both cores, and is killed for being late. */
const MORE_OF_THE_PROCESSOR = `apiVersion: apps/v1
kind: Deployment
metadata: { name: wehook, namespace: westage }
spec: { template: { spec: { containers: [{ name: wehook, resources: { requests: { cpu: "1" } } }] } } }
`

/** docs/callbacks.md, with Services as targets. */
const settings = (namespace: string): string =>
  dump({
    wehook: {
      westage: `http://westage.${namespace}.svc`,
      dataDir: '/var/lib/wehook',
      target: 'service',
      sources: [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] }],
    },
  })

const secretOf = (namespace: string, stringData: Readonly<Record<string, string>>): object => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'wehook', namespace }, stringData },
})

/** For the claim alone: nothing here makes volumes. A `local` one is given to the pod's group, as a cloud's disk is. */
const volumeAt = (path: string, namespace: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: namespace },
  spec: {
    ...{ capacity: { storage: '4Gi' }, accessModes: ['ReadWriteOnce'], local: { path } },
    ...{ persistentVolumeReclaimPolicy: 'Retain', claimRef: { namespace, name: 'wehook' } },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [REAL_NODE] }] },
        ],
      },
    },
  },
})

const podOf = (namespace: string, name: string, image: string, args: readonly string[]): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name, image, args, ports: [{ name: 'http', containerPort: args.length === 0 ? 80 : 8080 }] }],
  },
})

const previewFile = (here: Given, pull: number) => here.file(`previews/shop/pr-${pull}/preview.yaml`)

const ManifestSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })
type Manifest = z.output<typeof ManifestSchema>

/** What Argo CD is given of a preview once it is committed, the Namespace first. */
async function committed(here: Given, pull: number): Promise<readonly Manifest[]> {
  await vi.waitFor(async () => expect(await previewFile(here, pull)).not.toBeNull(), UNTIL)
  const folder = `previews/shop/pr-${pull}/manifests`
  const listed = await git(['ls-tree', '--name-only', 'main', `${folder}/`], { cwd: here.gitDir })
  const texts = await Promise.all(listed.split('\n').map((file) => here.file(file)))
  const manifests = texts.map((text) => ManifestSchema.parse(load(text ?? '')))
  const isNamespace = ({ kind }: Manifest) => kind === 'Namespace'
  return [...manifests.filter(isNamespace), ...manifests.filter((each) => !isNamespace(each))]
}

const namespaceIn = (manifests: readonly Manifest[]): string => manifests[0]?.metadata.name ?? ''

/** The same with a NetworkPolicy that lets another namespace in than that one. */
const closedTo = (namespace: string, manifests: readonly Manifest[]): readonly object[] =>
  manifests.map((manifest) =>
    manifest.kind === 'NetworkPolicy'
      ? JSON.parse(JSON.stringify(manifest).replaceAll(`"${namespace}"`, `"${SOMEWHERE_ELSE}"`))
      : manifest,
  )

async function readyPod({ core }: JobWorld, namespace: string, labelSelector: string): Promise<V1Pod> {
  return await vi.waitFor(async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector })
    const found = items.find(({ metadata, status }) => {
      const isReady = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
      return metadata?.deletionTimestamp === undefined && isReady
    })
    if (found === undefined)
      throw new Error(`no pod ${labelSelector} is ready: ${JSON.stringify(items.map(({ status }) => status))}`)
    return found
  }, UNTIL)
}

/** The number of WeHook's process on this machine: the pod's cgroups have the pod's uid in their names. */
async function processIn(pod: string): Promise<number> {
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  for (const pid of (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))) {
    const isInPod = (await read(pid, 'cgroup')).includes(`pod${pod}`)
    if (isInPod && (await read(pid, 'cmdline')).split('\0').includes('wehook')) return Number(pid)
  }
  throw new Error('WeHook has no process')
}

/** Run in WeHook's own pod: which of the places take a connection. */
const CONNECTING = `
const { connect } = require('node:net')
const taken = ([name, place]) => new Promise((resolve) => {
  const [host, port] = place.split(':')
  const socket = connect({ host, port, timeout: 3000 }, () => resolve([name]))
  socket.on('connect', () => socket.destroy()).on('error', () => resolve([])).on('timeout', () => socket.destroy(resolve([])))
})
Promise.all(Object.entries(JSON.parse(process.argv[1])).map(taken)).then((names) => console.log(JSON.stringify(names.flat())))
`
