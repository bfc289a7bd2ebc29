import { z } from 'zod'
import { addon } from './addon.ts'
import { passwordSecret, passwordVariable } from './password-secret.ts'
import { waitSetting } from './wait-setting.ts'
import { workload } from './workload.ts'

const NAME = 'mongodb'
const PORT = 27017

const settings = z.strictObject({
  /** MongoDB: Naming Restrictions, below 64 bytes; of them what means nothing to a URL or a shell. */
  database: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,63}$/, 'is not 1 to 63 letters, digits, _ or -')
    .refine((name) => !['admin', 'config', 'local'].includes(name), { error: 'is a database of the server’s own' })
    .default('app')
    .describe('The database that the URL names; MongoDB makes it at the first write.'),
  user: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,64}$/, 'is not 1 to 64 letters, digits, _ or -')
    .default('app')
    .describe('The root user of the server.'),
  wait: waitSetting,
})

/** MongoDB, one server without a replica set. */
export const mongodb = addon({
  name: NAME,
  image: 'mongo@sha256:4968f22d0c6c10ef29952f3e807f62872ba22b3312f25803564fbfc08255efc2', // 8.0.32
  settings,
  env: ({ database, user }) => [
    { name: 'WESTAGE_MONGODB_HOST', value: NAME },
    { name: 'WESTAGE_MONGODB_PORT', value: String(PORT) },
    { name: 'WESTAGE_MONGODB_USER', value: user },
    passwordVariable('WESTAGE_MONGODB_PASSWORD', NAME),
    { name: 'WESTAGE_MONGODB_DATABASE', value: database },
    {
      // The image makes its user in the database `admin`.
      name: 'WESTAGE_MONGODB_URL',
      value: `mongodb://${user}:$(WESTAGE_MONGODB_PASSWORD)@${NAME}:${PORT}/${database}?authSource=admin`,
    },
  ],
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  manifests: ({ database, user }, request) => [
    ...passwordSecret(NAME, request),
    ...workload(
      {
        name: NAME,
        uid: 999,
        gid: 999,
        args: ['mongod', '--bind_ip_all', '--wiredTigerCacheSizeGB', '0.25'],
        env: [
          { name: 'MONGO_INITDB_DATABASE', value: database },
          { name: 'MONGO_INITDB_ROOT_USERNAME', value: user },
          passwordVariable('MONGO_INITDB_ROOT_PASSWORD', NAME),
        ],
        ports: { mongodb: PORT },
        // While it makes its user the image's server listens on the loopback address only.
        isUsable: { tcpSocket: { port: 'mongodb' } },
        startSeconds: 300,
        requests: { cpu: '50m', memory: '192Mi' },
        memoryLimit: '768Mi',
        scratch: { data: '/data/db', configdb: '/data/configdb' },
        config: [request.passwordOf(NAME) ?? ''],
      },
      request,
    ),
  ],
})
