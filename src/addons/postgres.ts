import { z } from 'zod'
import { addon } from './addon.ts'
import { passwordSecret, passwordVariable } from './password-secret.ts'
import { mountedSeed, SeedSchema, seedOfSetting } from './seed.ts'
import { waitSetting } from './wait-setting.ts'
import { shellProbe, workload } from './workload.ts'

const NAME = 'postgres'
const PORT = 5432

const settings = z.strictObject({
  /** PostgreSQL: Identifiers and Key Words, of 63 bytes at most; of them what means nothing to a URL or a shell. */
  database: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,63}$/, 'is not 1 to 63 letters, digits, _ or -')
    .refine((name) => !['template0', 'template1'].includes(name), { error: 'is a database of the server’s own' })
    .default('app')
    .describe('The database that is made.'),
  /** PostgreSQL: initdb. Names that begin with pg_ are the server's own. */
  user: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,63}$/, 'is not 1 to 63 letters, digits, _ or -')
    .refine((name) => !name.startsWith('pg_'), { error: 'begins with pg_, which is the server’s own' })
    .default('app')
    .describe('The superuser of the server.'),
  seed: SeedSchema.describe('SQL files of the repo, in order, or a Job of the app that fills the database.'),
  wait: waitSetting,
})

/** TCP: while it makes its database and runs the seed, the image's server listens on a socket only. */
const isUsable = shellProbe(
  'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -qtc "SELECT 1"',
)

/** PostgreSQL, with one database and its superuser, so that migrations may make extensions. */
export const postgres = addon({
  name: NAME,
  image: 'postgres@sha256:18cfe3ef5e6815560c98237d6216d1e5119702fb0f3894c8785dd58b8bbe5d73', // 17.11-alpine
  settings,
  env: ({ database, user }) => [
    { name: 'WESTAGE_POSTGRES_HOST', value: NAME },
    { name: 'WESTAGE_POSTGRES_PORT', value: String(PORT) },
    { name: 'WESTAGE_POSTGRES_USER', value: user },
    passwordVariable('WESTAGE_POSTGRES_PASSWORD', NAME),
    { name: 'WESTAGE_POSTGRES_DATABASE', value: database },
    {
      name: 'WESTAGE_POSTGRES_URL',
      value: `postgresql://${user}:$(WESTAGE_POSTGRES_PASSWORD)@${NAME}:${PORT}/${database}`,
    },
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
          uid: 70,
          gid: 70,
          // No disk is waited for: the data is thrown away.
          args: [
            'postgres',
            '-c',
            'shared_buffers=32MB',
            '-c',
            'fsync=off',
            '-c',
            'synchronous_commit=off',
            '-c',
            'full_page_writes=off',
          ],
          env: [
            { name: 'POSTGRES_DB', value: database },
            { name: 'POSTGRES_USER', value: user },
            passwordVariable('POSTGRES_PASSWORD', NAME),
            // A folder that the user makes is the user's, which initdb wants; the volume is root's.
            { name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' },
          ],
          ports: { postgres: PORT },
          isUsable,
          startSeconds: 300,
          requests: { cpu: '50m', memory: '64Mi' },
          memoryLimit: '512Mi',
          scratch: { data: '/var/lib/postgresql/data' },
          files: seeded.files,
          config: [...seeded.config, request.passwordOf(NAME) ?? ''],
        },
        request,
      ),
    ]
  },
})
