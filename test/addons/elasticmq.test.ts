import { expect, it } from 'vitest'
import { additionsOf } from '../../src/addons/catalogue.ts'
import { type Json, objectOf, textOf } from '../../src/manifests/json.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { jsonOf } from '../../src/manifests/yaml.ts'
import { FULL, instanceOf } from './sample.ts'

const made = (settings: unknown) => additionsOf({ sqs: settings }, instanceOf())

/** What HOCON makes of it (its specification: JSON is a part of it, `=` the same as `:`, an include stands by itself). */
function configIn(manifests: ReturnType<typeof made>): Readonly<Record<string, Json>> {
  const text = textOf(objectOf(manifests.find(({ kind }) => kind === 'ConfigMap')?.data)['elasticmq.conf'])
  const [include, ...rest] = text.split(/\n(?=[a-z][a-z-]* = )/)
  expect(include).toBe('include classpath("application.conf")')
  const sections = rest.map((section): [string, Json] => {
    const [, key = '', value = ''] = /^([a-z][a-z-]*) = (.*)$/s.exec(section) ?? []
    return [key, jsonOf(JSON.parse(value))]
  })
  return Object.fromEntries(sections)
}

it('ElasticMQ is told of every queue with its attributes, and by which name the app reaches it', () => {
  const config = configIn(made(FULL.sqs))
  expect(config['node-address']).toMatchObject({ host: 'sqs', port: 9324 })
  expect(config.queues).toEqual({
    orders: {},
    mails: {
      defaultVisibilityTimeout: '60 seconds',
      delay: '5 seconds',
      deadLettersQueue: { name: 'lost', maxReceiveCount: 3 },
    },
    'events.fifo': {
      fifo: true,
      contentBasedDeduplication: true,
      deadLettersQueue: { name: 'lost-events.fifo', maxReceiveCount: 5 },
    },
    lost: {},
    'lost-events.fifo': { fifo: true },
  })
})

it('ElasticMQ is usable when a queue is there that it makes after those for dead letters', () => {
  const pathWith = (settings: unknown) => {
    const [container] = made(settings).flatMap((manifest) => containersOf(manifest))
    return objectOf(objectOf(container?.readinessProbe).httpGet).path
  }
  expect(pathWith(FULL.sqs)).toBe('/?Action=GetQueueUrl&QueueName=events.fifo')
  expect(pathWith({})).toBe('/?Action=ListQueues')
})
