import { z } from 'zod'
import { addon } from './addon.ts'
import { passwordSecret, passwordVariable } from './password-secret.ts'
import { mountedSeed, SeedSchema, seedOfSetting } from './seed.ts'
import { waitSetting } from './wait-setting.ts'
import { shellProbe, workload } from './workload.ts'

const NAME = 'mysql'
const PORT = 3306
/** MySQL: Schema Object Names. The server keeps these for itself. */
const OWN_DATABASES = ['information_schema', 'mysql', 'performance_schema', 'sys']
/** The image lets nobody else be root (Docker Official Image mysql: MYSQL_USER). */
const OWN_USERS = ['root', 'mysql.sys', 'mysql.session', 'mysql.infoschema']

const settings = z.strictObject({
  /** MySQL: Identifier Length Limits, and of what may stand in a name what means nothing to a URL or a shell. */
  database: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,64}$/, 'is not 1 to 64 letters, digits, _ or -')
    .refine((name) => !OWN_DATABASES.includes(name.toLowerCase()), { error: 'is a database of the server’s own' })
    .default('app')
    .describe('The database that is made.'),
  /** MySQL: Account User Names have 32 characters at most. */
  user: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,32}$/, 'is not 1 to 32 letters, digits, _ or -')
    .refine((name) => !OWN_USERS.includes(name.toLowerCase()), { error: 'is a user of the server’s own' })
    .default('app')
    .describe('Who may do everything in that database.'),
  seed: SeedSchema.describe('SQL files of the repo, in order, or a Job of the app that fills the database.'),
  wait: waitSetting,
})

/** TCP: while it makes its database and runs the seed, the image's server listens on a socket only. */
const isUsable = shellProbe(
  'MYSQL_PWD="$MYSQL_PASSWORD" "$(command -v mysql || command -v mariadb)" --protocol=tcp -h 127.0.0.1 ' +
    '-u "$MYSQL_USER" -e "SELECT 1" "$MYSQL_DATABASE"',
)

/** MySQL, with one database and one user who may do everything in it. */
export const mysql = addon({
  name: NAME,
  image: 'mysql@sha256:b3b90af2a6552ae30c266fdb7d5dd55f3afb72404bb78d37fe8a23eb857fd3fb', // 8.4.11
  settings,
  env: ({ database, user }) => [
    { name: 'WESTAGE_MYSQL_HOST', value: NAME },
    { name: 'WESTAGE_MYSQL_PORT', value: String(PORT) },
    { name: 'WESTAGE_MYSQL_USER', value: user },
    passwordVariable('WESTAGE_MYSQL_PASSWORD', NAME),
    { name: 'WESTAGE_MYSQL_DATABASE', value: database },
    { name: 'WESTAGE_MYSQL_URL', value: `mysql://${user}:$(WESTAGE_MYSQL_PASSWORD)@${NAME}:${PORT}/${database}` },
  ],
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  seed: ({ seed }) => seedOfSetting(seed),
  manifests: ({ database, user, seed }, request) => {
    const seeded = mountedSeed(NAME, seed, request)
    return [
      ...passwordSecret(NAME, request),
      ...seeded.manifests,
      ...workload(
        {
          name: NAME,
          uid: 999,
          gid: 999,
          // What both MySQL and MariaDB know; half the memory, and no disk waited for: the data is thrown away.
          args: [
            '--performance-schema=OFF',
            '--innodb-buffer-pool-size=64M',
            '--innodb-flush-log-at-trx-commit=2',
            '--skip-log-bin',
          ],
          env: [
            { name: 'MYSQL_DATABASE', value: database },
            { name: 'MYSQL_USER', value: user },
            passwordVariable('MYSQL_PASSWORD', NAME),
            { name: 'MYSQL_RANDOM_ROOT_PASSWORD', value: 'yes' },
          ],
          ports: { mysql: PORT },
          isUsable,
          startSeconds: 300,
          requests: { cpu: '50m', memory: '256Mi' },
          memoryLimit: '768Mi',
          scratch: { data: '/var/lib/mysql' },
          files: seeded.files,
          config: [...seeded.config, request.passwordOf(NAME) ?? ''],
        },
        request,
      ),
    ]
  },
})
