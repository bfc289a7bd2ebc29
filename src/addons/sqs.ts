import { z } from 'zod'
import type { JsonObject } from '../manifests/json.ts'
import { addon } from './addon.ts'
import { AWS_REGION, awsVariables } from './aws-variables.ts'
import { isFifo, type Queue, QueuesSchema, urlVariableOf } from './queues.ts'
import { waitSetting } from './wait-setting.ts'
import { workload } from './workload.ts'

const NAME = 'sqs'
const PORT = 9324
const URL = `http://${NAME}:${PORT}`
/** ElasticMQ: aws.accountId, which it puts into each queue's URL. */
const ACCOUNT = '000000000000'
const CONFIG = `westage-${NAME}`

/** ElasticMQ, which speaks Amazon SQS, with the queues that the settings name. It asks nobody for a password. */
export const sqs = addon({
  name: NAME,
  image: 'softwaremill/elasticmq-native@sha256:e4580ab9ad1bd5cd37b4ba04911bc5ccc8cd2d9ab4de56ece65acee71c24e05c', // 1.7.1
  settings: z.strictObject({
    queues: QueuesSchema.prefault([]).describe('The queues that are made: names, or a name with its attributes.'),
    wait: waitSetting,
  }),
  env: ({ queues }) => [
    { name: 'WESTAGE_SQS_URL', value: URL },
    ...queues.map(({ name }) => ({ name: urlVariableOf(name), value: `${URL}/${ACCOUNT}/${name}` })),
    ...awsVariables('SQS', URL, { name: 'AWS_SECRET_ACCESS_KEY', value: 'westage' }),
  ],
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  manifests: ({ queues }, request) => {
    const config = elasticMqConfig(queues)
    return [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: CONFIG },
        data: { 'elasticmq.conf': config },
      },
      ...workload(
        {
          name: NAME,
          // The image is made for root and needs none of it: any user will do.
          uid: 65534,
          gid: 65534,
          ports: { sqs: PORT, ui: 9325 },
          isUsable: { httpGet: { path: probePathOf(queues), port: 'sqs' } },
          startSeconds: 120,
          requests: { cpu: '20m', memory: '96Mi' },
          memoryLimit: '384Mi',
          files: [{ configMap: CONFIG, mountPath: '/opt/elasticmq.conf', subPath: 'elasticmq.conf' }],
          config: [config],
        },
        request,
      ),
    ]
  },
})

/**
 * It listens a moment before it makes its queues, dead-letter queues first: the probe asks for one of the others.
 */
function probePathOf(queues: readonly Queue[]): string {
  const dead = new Set(queues.map(({ deadLetter }) => deadLetter?.queue))
  const last = queues.findLast(({ name }) => !dead.has(name)) ?? queues.at(-1)
  return last === undefined ? '/?Action=ListQueues' : `/?Action=GetQueueUrl&QueueName=${last.name}`
}

/** ElasticMQ: Configuration. HOCON, of which JSON is a part. */
const elasticMqConfig = (queues: readonly Queue[]): string =>
  `include classpath("application.conf")\n${Object.entries({
    'node-address': { protocol: 'http', host: NAME, port: PORT, 'context-path': '' },
    'rest-sqs': { enabled: true, 'bind-port': PORT, 'bind-hostname': '0.0.0.0', 'sqs-limits': 'strict' },
    aws: { region: AWS_REGION, accountId: ACCOUNT },
    queues: Object.fromEntries(queues.map((queue) => [queue.name, attributesOf(queue)])),
  })
    .map(([key, value]) => `${key} = ${JSON.stringify(value, null, 2)}\n`)
    .join('')}`

const attributesOf = (queue: Queue): JsonObject => ({
  ...(isFifo(queue.name) ? { fifo: true } : {}),
  ...(queue.contentBasedDeduplication === undefined
    ? {}
    : { contentBasedDeduplication: queue.contentBasedDeduplication }),
  ...(queue.visibilityTimeoutSeconds === undefined
    ? {}
    : { defaultVisibilityTimeout: `${queue.visibilityTimeoutSeconds} seconds` }),
  ...(queue.delaySeconds === undefined ? {} : { delay: `${queue.delaySeconds} seconds` }),
  ...(queue.deadLetter === undefined
    ? {}
    : { deadLettersQueue: { name: queue.deadLetter.queue, maxReceiveCount: queue.deadLetter.maxReceives } }),
})
