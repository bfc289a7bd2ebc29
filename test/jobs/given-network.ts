/** A worker, a build, WeStage, WeHook and pods of others, none of which does anything but say what answers it. */
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { expect, vi } from 'vitest'
import { z } from 'zod'
import type { JobOrder } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import { type KubernetesObject, kustomizedAlone } from '../argocd/kustomized.ts'
import { apply, remove } from '../cluster/apply.ts'
import { OUTSIDE } from '../cluster/outside.ts'
import { pushProgramImage } from '../images/push-program-image.ts'
import { staticProgram } from '../images/static-program.ts'
import { givenJobWorld, inNamespace, type JobWorld } from './job-cluster.ts'

const UNTIL = { timeout: 60_000, interval: 250 }
const WESTAGE = 'westage'
const ASKED_AT = 8080
/** Of pods that somebody may want to reach: the public web's, and both of WeStage's. */
const PORTS = [443, ASKED_AT, 8081]
/** As WeStage labels a preview's Namespace. */
const OF_PREVIEW = { 'westage.dev/app': 'shop' }

export const ASKING = ['worker', 'build', 'westage', 'wehook', 'preview', 'bystander'] as const
export type Asking = (typeof ASKING)[number]

/** What a pod reaches of itself, whatever holds. */
const OWN: Readonly<Partial<Record<Asking, readonly string[]>>> = {
  worker: ['a worker'],
  build: ['a build'],
  westage: ['the port for workers', 'webhooks and pages'],
  wehook: ['callbacks'],
}

export interface Network {
  /** What there is to be reached, but for the pod itself. */
  placesOf(who: Asking): readonly string[]
  /** What of it answers the pod. */
  reachedBy(who: Asking): Promise<readonly string[]>
  /** Applies the NetworkPolicies of `argocd/`. */
  applyPolicies(): Promise<void>
  close(): Promise<void>
}

/** Without a NetworkPolicy so far. @throws no cluster is up */
export async function givenNetwork(): Promise<Network> {
  const world = await givenJobWorld()
  const { cluster } = world
  const preview = `westage-shop-${world.namespace}`
  const server = await staticProgram(join(import.meta.dirname, 'asking-pod'))
  const image = await pushProgramImage(world.registry.host, 'asking-pod', { server })
  const objects = inNamespace(world.namespace, ['westage', 'workers', 'builds', 'wehook'].flatMap(kustomizedAlone))
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy')
  const others = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: preview, labels: OF_PREVIEW } },
    // As far as labels go, it could be a worker.
    ...podAndService(preview, 'shop', image, { 'app.kubernetes.io/component': 'prepare' }),
    ...podAndService(WESTAGE, 'bystander', image, {}),
    ...['westage', 'wehook'].map((name) => ({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: WESTAGE } },
    })),
  ]
  const installed = objects
    .filter((object) => !policies.includes(object))
    .map((object) => (object.kind === 'Deployment' ? withProgram(object, image) : object))
  await apply(cluster.kubeconfigPath, [...others, ...installed])
  const machine = cluster.addressForPods ?? ''
  const outside = await Promise.all([80, 443].map((port) => listenAt(machine, port)))
  const jobs = world.jobs()
  const ending = new AbortController()
  const running = (['prepare', 'build'] as const).map((kind) => {
    const run = jobs.run(
      () => orderOf(kind, image),
      () => {},
      ending.signal,
    )
    return run.catch((error: unknown) => {
      if (!ending.signal.aborted) throw error
    })
  })
  const ended = Promise.all(running).then(() => {
    throw new Error('a Job ended by itself')
  })
  const pods = await Promise.race([addressesOf(world, preview), ended])
  ended.catch(() => {})
  const places = placesWith(pods, machine, preview)
  const placesOf = (who: Asking) => Object.keys(places).filter((place) => !(OWN[who] ?? []).includes(place))
  return {
    placesOf,
    async reachedBy(who) {
      const ask = async (place: string) => {
        const url = encodeURIComponent(places[place] ?? '')
        const answer = await fetch(`http://${pods[who]}:${ASKED_AT}/ask?url=${url}`)
        return (await answer.text()).startsWith('reached: ') ? [place] : []
      }
      return (await Promise.all(placesOf(who).map(ask))).flat()
    },
    applyPolicies: () => apply(cluster.kubeconfigPath, policies),
    async close() {
      ending.abort(new Error('the test is over'))
      await Promise.all(running)
      await jobs.close()
      for (const each of outside) {
        each.close()
        each.closeAllConnections()
      }
      // The namespace and the account stay: tests beside this one have them too.
      const own = objects.filter(({ kind }) => !['Namespace', 'ServiceAccount'].includes(kind))
      await remove(cluster.kubeconfigPath, [...own, ...others])
      await world.close()
    },
  }
}

/** Where each place answers, as a pod asks for it. */
const placesWith = (pods: Pods, machine: string, preview: string): Readonly<Record<string, string>> => ({
  'the port for workers': `http://westage-workers.${WESTAGE}:8081`,
  'webhooks and pages': `http://westage.${WESTAGE}`,
  callbacks: `http://wehook.${WESTAGE}`,
  'a public address, 443': `http://${OUTSIDE.public}:443`,
  'a public address, 80': `http://${OUTSIDE.public}`,
  'the metadata service': `http://${OUTSIDE.metadata}`,
  'the metadata service, 443': `http://${OUTSIDE.metadata}:443`,
  ...Object.fromEntries(OUTSIDE.private.map((address) => [`${address}, 443`, `http://${address}:443`])),
  'the API server': 'http://kubernetes.default.svc:443',
  'the node': `http://${machine}`,
  'another port of the DNS server': `http://${pods.dns}:8181/ready`,
  'a preview': `http://shop.${preview}:443`,
  'a preview, 8080': `http://shop.${preview}:8080`,
  'a preview, 8081': `http://shop.${preview}:8081`,
  'another pod of the namespace westage, 8080': `http://bystander.${WESTAGE}:8080`,
  'another pod of the namespace westage, 8081': `http://bystander.${WESTAGE}:8081`,
  'a worker': `http://${pods.worker}:${ASKED_AT}`,
  'a build': `http://${pods.build}:${ASKED_AT}`,
})

type Pods = Readonly<Record<Asking | 'dns', string>>

async function addressesOf({ core, namespace }: JobWorld, preview: string): Promise<Pods> {
  const addressOf = async (namespace: string, labelSelector: string): Promise<string> => {
    let pod: V1Pod | undefined
    await vi.waitFor(async () => {
      pod = (await core.listNamespacedPod({ namespace, labelSelector })).items[0]
      expect(pod?.status?.phase).toBe('Running')
    }, UNTIL)
    return pod?.status?.podIP ?? ''
  }
  return {
    worker: await addressOf(namespace, 'app.kubernetes.io/component=prepare'),
    build: await addressOf(namespace, 'app.kubernetes.io/component=build'),
    westage: await addressOf(WESTAGE, 'app.kubernetes.io/name=westage'),
    wehook: await addressOf(WESTAGE, 'app.kubernetes.io/name=wehook'),
    preview: await addressOf(preview, 'app=shop'),
    bystander: await addressOf(WESTAGE, 'app=bystander'),
    dns: await addressOf('kube-system', 'k8s-app=kube-dns'),
  }
}

const orderOf = (kind: JobOrder['kind'], image: string): JobOrder => ({
  kind,
  work: kind,
  about: { app: 'shop', repository: 'acme/shop', pull: 7, sha: '0123456789abcdef0123456789abcdef01234567' },
  pod: { containers: [{ name: kind, image, args: [String(ASKED_AT)] }] },
  secret: null,
  deadlineMs: 600_000,
})

const DeploymentSchema = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({
      containers: z.array(z.looseObject({})).length(1),
      volumes: z.array(z.looseObject({ name: z.string() })),
    }),
  }),
})

/** WeStage's or WeHook's, with another program in its container, and without a volume that nobody makes here. */
function withProgram(deployment: KubernetesObject, image: string): object {
  const { template, ...spec } = DeploymentSchema.parse(deployment.spec)
  const args = ['8080', '8081', '8082']
  const containers = template.spec.containers.map((container) => ({ ...container, image, args }))
  const volumes = template.spec.volumes.map((volume) =>
    volume.persistentVolumeClaim === undefined ? volume : { name: volume.name, emptyDir: {} },
  )
  const pod = { ...template.spec, containers, volumes }
  return { ...deployment, spec: { ...spec, template: { ...template, spec: pod } } }
}

const podAndService = (
  namespace: string,
  name: string,
  image: string,
  labels: Readonly<Record<string, string>>,
): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels, app: name } },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name, image, args: PORTS.map(String) }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: PORTS.map((port) => ({ name: `p${port}`, port })) },
  },
]

const listenAt = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((_, response) => response.end('outside\n'))
    server.once('error', reject).listen(port, host, () => resolve(server))
  })
