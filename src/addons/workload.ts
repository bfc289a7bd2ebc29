import { createHash } from 'node:crypto'
import type { JsonObject } from '../manifests/json.ts'
import type { Manifest } from '../manifests/manifest.ts'
import type { EnvVar } from '../manifests/target.ts'
import type { AddonRequest } from './addon.ts'
import { restrictedContainer, restrictedPod } from './restricted.ts'

/** On every object of an add-on, and what its Service and Deployment know its pod by. */
export const ADDON_LABEL = 'westage.dev/add-on'
const CONFIG_ANNOTATION = 'westage.dev/config'
/** The data is thrown away anyhow: a preview that ends need not wait for its database to do so. */
const GRACE_SECONDS = 5

/** One pod with a service in it, and its address. */
export interface Workload {
  readonly name: string
  /** The user and group that the image is made for. */
  readonly uid: number
  readonly gid: number
  /** What the image's entrypoint is given. */
  readonly args?: readonly string[]
  readonly env?: readonly EnvVar[]
  /** Name -> number, the service's own first. */
  readonly ports: Readonly<Record<string, number>>
  /** What says that the service is usable, not only there: Kubernetes' Probe, without its times. */
  readonly isUsable: JsonObject
  /** How long the first start may take. */
  readonly startSeconds: number
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly memoryLimit: string
  /** Where the image writes: paths that are empty when the pod starts, and gone with it. */
  readonly scratch?: Readonly<Record<string, string>>
  /** ConfigMap's name -> where it stands; only the file `subPath` of it where there is one. */
  readonly files?: readonly { readonly configMap: string; readonly mountPath: string; readonly subPath?: string }[]
  /** What runs before it, with the same image, user and scratch: a shell's command. */
  readonly prepare?: string
  /** What the pod is started anew for when it changes, beside its own spec: texts that it reads, its password. */
  readonly config: readonly string[]
}

/**
 * The Deployment and the Service of a workload, both called as it is. One pod, never two at a time; its data goes with
 * it.
 */
export function workload(given: Workload, request: AddonRequest): readonly Manifest[] {
  const { name, ports } = given
  const labels = { [ADDON_LABEL]: name }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: {
        selector: labels,
        ports: Object.entries(ports).map(([port, number]) => ({ name: port, port: number, targetPort: port })),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { [CONFIG_ANNOTATION]: hashOf(given.config) } },
          spec: podSpecOf(given, request.image),
        },
      },
    },
  ]
}

/** Passwords have the strength that no hash of theirs can be searched for them. */
const hashOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)

function podSpecOf(given: Workload, image: string): JsonObject {
  const { scratch = {}, files = [] } = given
  const scratchMounts = Object.entries(scratch).map(([name, mountPath]) => ({ name, mountPath }))
  const mounts = [
    ...scratchMounts,
    ...files.map(({ configMap, mountPath, subPath }) => ({
      name: configMap,
      mountPath,
      ...(subPath === undefined ? {} : { subPath }),
      readOnly: true,
    })),
  ]
  const volumes = [
    ...Object.keys(scratch).map((name) => ({ name, emptyDir: { sizeLimit: '2Gi' } })),
    ...files.map(({ configMap }) => ({ name: configMap, configMap: { name: configMap } })),
  ]
  return {
    automountServiceAccountToken: false,
    // A Service called as the add-on would add variables such as MYSQL_PORT, which the images take for settings.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: restrictedPod(given.uid, given.gid),
    ...(given.prepare === undefined
      ? {}
      : {
          initContainers: [
            {
              name: 'prepare',
              image,
              command: ['sh', '-c', given.prepare],
              resources: resourcesOf(given),
              securityContext: restrictedContainer,
              volumeMounts: scratchMounts,
            },
          ],
        }),
    containers: [
      {
        name: given.name,
        image,
        ...(given.args === undefined ? {} : { args: given.args }),
        ...(given.env === undefined ? {} : { env: given.env }),
        ports: Object.entries(given.ports).map(([name, containerPort]) => ({ name, containerPort })),
        startupProbe: {
          ...given.isUsable,
          periodSeconds: START_PERIOD_SECONDS,
          timeoutSeconds: 5,
          failureThreshold: Math.ceil(given.startSeconds / START_PERIOD_SECONDS),
        },
        // No liveness probe: a restart mends nothing that a slow node causes, and loses connections.
        readinessProbe: { ...given.isUsable, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
        resources: resourcesOf(given),
        securityContext: restrictedContainer,
        ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
      },
    ],
    ...(volumes.length === 0 ? {} : { volumes }),
  }
}

const START_PERIOD_SECONDS = 2

const resourcesOf = ({ requests, memoryLimit }: Workload): JsonObject => ({
  requests,
  limits: { memory: memoryLimit },
})

/** A probe that runs a line of shell in the container. */
export const shellProbe = (line: string): JsonObject => ({ exec: { command: ['sh', '-c', line] } })
