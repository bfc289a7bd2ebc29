import type { AddonInstance } from '../../src/addons/catalogue.ts'
import { passwordFrom, seedOf } from '../../src/addons/passwords.ts'

const SEED = seedOf('a secret of the instance, for tests', { repositoryId: 42, pull: 7, app: 'shop' })

/** What an instance gives to the add-ons of a preview of the app `shop`, changed where a test says so. */
export const instanceOf = (changes: Partial<AddonInstance> = {}): AddonInstance => ({
  namespace: 'westage-shop-feat-cart',
  images: {},
  passwordOf: (purpose) => passwordFrom(SEED, purpose),
  wave: -50,
  files: new Map([
    ['db/schema.sql', 'create table things (id int primary key);\n'],
    ['db/things.sql', 'insert into things values (1), (2);\n'],
  ]),
  ...changes,
})

/** Where passwords are generated in the cluster. */
export const generated = instanceOf({ passwordOf: () => null })

/** Settings of every add-on that make use of all that it knows. */
export const FULL: Readonly<Record<string, unknown>> = {
  mysql: { database: 'shop', user: 'shop', seed: ['db/schema.sql', 'db/things.sql'], wait: true },
  postgres: { database: 'shop', user: 'shop', seed: ['db/schema.sql'], wait: true },
  mongodb: { database: 'shop', user: 'shop', wait: true },
  redis: { wait: true },
  rabbitmq: { vhost: 'shop/eu', user: 'shop', wait: true },
  s3: { buckets: ['uploads', 'thumbs.small'], wait: true },
  smtp: { wait: true },
  sqs: {
    queues: [
      'orders',
      { name: 'mails', visibilityTimeoutSeconds: 60, delaySeconds: 5, deadLetter: { queue: 'lost', maxReceives: 3 } },
      {
        name: 'events.fifo',
        contentBasedDeduplication: true,
        deadLetter: { queue: 'lost-events.fifo', maxReceives: 5 },
      },
    ],
    wait: true,
  },
}
