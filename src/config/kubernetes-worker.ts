import { z } from 'zod'
import { timer } from '../settings/durations.ts'
import { namespaceName, objectName, quantity } from '../settings/kubernetes-values.ts'
import { loggedUrl } from '../settings/urls.ts'
import { clusterAccess } from './cluster-access.ts'
import { count } from './count.ts'

const name = z.string().min(1)

/** Kubernetes: Toleration v1 core. */
export const TolerationSchema = z.strictObject({
  key: name.nullable().default(null).describe("A taint's key. Without it: any."),
  operator: z.enum(['Equal', 'Exists']).default('Equal').describe('Whether `value` counts.'),
  value: z.string().nullable().default(null).describe("The taint's value."),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .nullable()
    .default(null)
    .describe('Its effect. Without it: any.'),
})

const ListenSchema = z.strictObject({
  host: z.string().default('0.0.0.0').describe('Address to listen on for workers, and for nothing else.'),
  port: z.int().min(0).max(65535).default(8081).describe('Port for them, 0 for any free one.'),
})

/** The Jobs that prepare runs in. */
export const KubernetesWorkerSchema = z.strictObject({
  ...clusterAccess,
  namespace: namespaceName
    .default('jobs-of-westage')
    .describe('Where Jobs are made. Nothing else should be there: who may make pods can have them read its Secrets.'),
  image: name.describe("WeStage's own image, of the version that the service is. `westage` must be on its PATH."),
  pullSecrets: z
    .array(objectName)
    .default([])
    .describe('Names of Secrets in that namespace that the image is pulled with.'),
  server: loggedUrl.describe(
    'Where pods reach `listen` below, past anything that holds requests back until they are whole.',
  ),
  listen: ListenSchema.prefault({}),
  memoryMb: count(2048).describe("Request and limit of a pod's memory, MB, kustomize included."),
  cpu: quantity.default('1').describe("Limit of a pod's processors, as Kubernetes writes it."),
  diskMb: count(4096).describe('Limit of what a pod keeps on disk, MB: the repo is unpacked there, sometimes twice.'),
  startTimeout: timer('5m').describe('How long a pod may take to begin, image and node included.'),
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Labels of the nodes that pods may run on.'),
  tolerations: z.array(TolerationSchema).default([]).describe('Taints that they put up with.'),
})
