import { describe, expect, it } from 'vitest'
import { promisedBy } from '../../src/addons/catalogue.ts'
import { faultOf } from './fault-of.ts'

const faultsOf = (addon: string, settings: unknown) => faultOf(() => promisedBy({ [addon]: settings }))

describe('settings of an add-on', () => {
  it.each([
    ['mysql', { database: 'a'.repeat(64), user: 'b'.repeat(32) }],
    ['mysql', { database: 'Shop_2-test' }],
    ['mysql', { seed: ['schema.sql', 'db/more/data.sql'] }],
    ['mysql', { seed: { job: 'fill' } }],
    ['postgres', { database: 'a'.repeat(63), user: 'postgres' }],
    ['rabbitmq', { vhost: '/' }],
    ['rabbitmq', { vhost: 'shop' }],
    ['mongodb', { database: 'a'.repeat(63) }],
    ['sqs', { queues: [] }],
    ['sqs', { queues: [`${'a'.repeat(75)}.fifo`, 'b'.repeat(80)] }],
    ['sqs', { queues: [{ name: 'a', deadLetter: { queue: 'b', maxReceives: 1000 } }, 'b'] }],
    ['s3', { buckets: ['abc', 'a'.repeat(63), 'my.bucket-1'] }],
    ['smtp', { wait: false }],
  ])('of %s may be %j', (addon, settings) => {
    expect(faultsOf(addon, settings)).toBe('')
  })

  it.each([
    ['mysql', { database: 'a'.repeat(65) }, 'addons.mysql.database'],
    ['mysql', { database: 'mysql' }, 'addons.mysql.database'],
    ['mysql', { database: 'Information_Schema' }, 'addons.mysql.database'],
    ['mysql', { database: 'a`b' }, 'addons.mysql.database'],
    ['mysql', { database: '$(HOME)' }, 'addons.mysql.database'],
    ['mysql', { user: 'b'.repeat(33) }, 'addons.mysql.user'],
    ['mysql', { user: 'root' }, 'addons.mysql.user'],
    ['mysql', { seed: [] }, 'addons.mysql.seed'],
    ['mysql', { seed: ['../other.sql'] }, 'addons.mysql.seed'],
    ['mysql', { seed: ['/etc/passwd.sql'] }, 'addons.mysql.seed'],
    ['mysql', { seed: ['db//a.sql'] }, 'addons.mysql.seed'],
    ['mysql', { seed: ['run.sh'] }, 'addons.mysql.seed'],
    ['mysql', { seed: { job: 'Fill' } }, 'addons.mysql.seed'],
    ['mysql', { seed: { job: 'fill', image: 'x' } }, 'addons.mysql.seed'],
    ['postgres', { database: 'template1' }, 'addons.postgres.database'],
    ['postgres', { database: 'a'.repeat(64) }, 'addons.postgres.database'],
    ['postgres', { user: 'pg_read' }, 'addons.postgres.user'],
    ['rabbitmq', { user: 'guest' }, 'addons.rabbitmq.user'],
    ['rabbitmq', { vhost: '' }, 'addons.rabbitmq.vhost'],
    ['mongodb', { database: 'admin' }, 'addons.mongodb.database'],
    ['mongodb', { database: 'a.b' }, 'addons.mongodb.database'],
    ['sqs', { queues: ['a'.repeat(81)] }, 'addons.sqs.queues.0'],
    ['sqs', { queues: [`${'a'.repeat(76)}.fifo`] }, 'addons.sqs.queues.0'],
    ['sqs', { queues: ['.fifo'] }, 'addons.sqs.queues.0'],
    ['sqs', { queues: ['a.b'] }, 'addons.sqs.queues.0'],
    ['sqs', { queues: ['a', 'a'] }, 'a is there twice'],
    ['sqs', { queues: ['a-b', 'a_b'] }, 'a-b and a_b would both be WESTAGE_SQS_A_B_URL'],
    ['sqs', { queues: ['a', 'A'] }, 'a and A would both be WESTAGE_SQS_A_URL'],
    ['sqs', { queues: [{ name: 'a', deadLetter: { queue: 'a', maxReceives: 1 } }] }, 'its own dead-letter queue'],
    ['sqs', { queues: [{ name: 'a.fifo', deadLetter: { queue: 'b', maxReceives: 1 } }] }, 'b and a.fifo'],
    ['sqs', { queues: [{ name: 'a', deadLetter: { queue: 'b.fifo', maxReceives: 1 } }] }, 'b.fifo and a'],
    ['sqs', { queues: [{ name: 'a', deadLetter: { queue: 'b', maxReceives: 0 } }] }, 'maxReceives'],
    ['sqs', { queues: [{ name: 'a', deadLetter: { queue: 'b', maxReceives: 1001 } }] }, 'maxReceives'],
    ['sqs', { queues: [{ name: 'a', contentBasedDeduplication: true }] }, 'a is no FIFO queue'],
    ['sqs', { queues: [{ name: 'a', visibilityTimeoutSeconds: 43201 }] }, 'visibilityTimeoutSeconds'],
    ['s3', { buckets: ['ab'] }, 'addons.s3.buckets.0'],
    ['s3', { buckets: ['Uploads'] }, 'addons.s3.buckets.0'],
    ['s3', { buckets: ['a..b'] }, 'addons.s3.buckets.0'],
    ['s3', { buckets: ['192.168.5.4'] }, 'addons.s3.buckets.0'],
    ['s3', { buckets: ['xn--abc'] }, 'addons.s3.buckets.0'],
    ['s3', { buckets: ['abc; rm -rf x'] }, 'addons.s3.buckets.0'],
    ['s3', { buckets: ['abc', 'abc'] }, 'has a bucket twice'],
    ['redis', 'yes', 'addons.redis'],
  ])('of %s may not be %j', (addon, settings, words) => {
    expect(faultsOf(addon, settings)).toContain(words)
  })
})

describe('the queues of sqs', () => {
  it('have a variable each, of capitals and _ for what is none, dead-letter queues that are named nowhere else too', () => {
    const { env } = promisedBy({
      sqs: { queues: ['order-events.fifo', { name: 'mails', deadLetter: { queue: 'lost', maxReceives: 2 } }] },
    })
    expect(env.filter(({ name }) => name.startsWith('WESTAGE_'))).toEqual([
      { name: 'WESTAGE_SQS_URL', value: 'http://sqs:9324' },
      { name: 'WESTAGE_SQS_ORDER_EVENTS_FIFO_URL', value: 'http://sqs:9324/000000000000/order-events.fifo' },
      { name: 'WESTAGE_SQS_MAILS_URL', value: 'http://sqs:9324/000000000000/mails' },
      { name: 'WESTAGE_SQS_LOST_URL', value: 'http://sqs:9324/000000000000/lost' },
    ])
  })
})

describe('an app with sqs and s3', () => {
  const valuesOf = (wanted: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(promisedBy(wanted).env.map(({ name, ...value }) => [name, value]))

  it('has one set of AWS credentials, which are s3’s, and an endpoint for each', () => {
    const both = valuesOf({ sqs: {}, s3: {} })
    expect(both.AWS_SECRET_ACCESS_KEY).toEqual({ valueFrom: { secretKeyRef: { name: 'westage-s3', key: 'password' } } })
    expect(both.AWS_ENDPOINT_URL_SQS).toEqual({ value: 'http://sqs:9324' })
    expect(both.AWS_ENDPOINT_URL_S3).toEqual({ value: 'http://s3:7070' })
  })

  it.each([{ sqs: {} }, { s3: {} }, { sqs: {}, s3: {} }])('can’t be anybody at Amazon: %j', (wanted) => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_EC2_METADATA_DISABLED, ...rest } = valuesOf(wanted)
    // AWS: Unique identifiers. Amazon's own begin with AKIA or ASIA.
    expect(AWS_ACCESS_KEY_ID).toEqual({ value: 'westage' })
    expect(AWS_SECRET_ACCESS_KEY).toBeDefined()
    expect(AWS_EC2_METADATA_DISABLED).toEqual({ value: 'true' })
    expect(rest.AWS_REGION).toEqual({ value: 'us-east-1' })
  })
})
