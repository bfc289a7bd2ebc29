/** Real servers, set up as the official images set theirs up, are reached by what the app's containers are told. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { additionsOf, promisedBy, type Wanted } from '../../src/addons/catalogue.ts'
import { objectOf, textOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { environmentOf } from './environment.ts'
import { instanceOf } from './sample.ts'
import { containedIn, freePort, inFolder, missing, runAsNobody, withServer } from './server.ts'

const [noMariaDb, noRedis, noPostgres] = await Promise.all([
  missing(['mariadbd', 'mariadb-install-db', 'mysql']),
  missing(['redis-server', 'redis-cli']),
  missing(['postgres', 'initdb', 'psql']),
])

const COUNT = 'select count(*) from things'
const PERIOD_MS = 120_000

/** The same, where the test's server listens. */
const at = (url: string | undefined, service: string, port: number): string =>
  (url ?? '').replace(`@${service}`, `@127.0.0.1:${port}`)

/** What the seed's ConfigMap holds, in the order in which the images run it. */
const seedIn = (manifests: readonly Manifest[]): string =>
  Object.entries(objectOf(manifests.find(({ kind }) => kind === 'ConfigMap')?.data))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => textOf(text))
    .join('')

const given = (wanted: Wanted) => {
  const manifests = additionsOf(wanted, instanceOf())
  return { manifests, told: environmentOf(promisedBy(wanted).env, manifests), contained: containedIn(manifests) }
}
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'let in',
    (error: Error) => error.message,
  )

it.skipIf(noMariaDb !== '')(
  `an app finds its rows in mysql by WESTAGE_MYSQL_URL, and nobody does with another password${noMariaDb}`,
  async () => {
    const { manifests, told, contained } = given({
      mysql: { database: 'shop_7', user: 'shop', seed: ['db/schema.sql', 'db/things.sql'] },
    })
    const port = await freePort()
    await inFolder(async (folder) => {
      const [data, socket] = [join(folder, 'data'), join(folder, 'socket')]
      const { MYSQL_DATABASE: database = '', MYSQL_USER: user = '', MYSQL_PASSWORD: password = '' } = contained.env
      await runAsNobody('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--skip-test-db'])
      const server = ['mariadbd', '--no-defaults', `--datadir=${data}`, `--socket=${socket}`, ...contained.args]
      const asRoot = (sql: string) =>
        runAsNobody('mysql', ['--no-defaults', `--socket=${socket}`, '--user=nobody', '--execute', sql])
      // As the image: first a server without TCP, on which database, user and seed are made.
      const making = join(folder, 'init.sql')
      writeFileSync(
        making,
        [
          'flush privileges;',
          `create database \`${database}\`;`,
          `create user '${user}'@'%' identified by '${password}';`,
          `grant all on \`${database.replaceAll('_', '\\_')}\`.* to '${user}'@'%';`,
          "create user 'nobody'@'localhost';",
          `grant all on *.* to 'nobody'@'localhost';`,
        ].join('\n'),
      )
      await withServer(
        [...server, '--skip-networking', `--init-file=${making}`],
        () => asRoot('select 1'),
        () => asRoot(`use \`${database}\`; ${seedIn(manifests)}`),
      )
      const probe = () => runAsNobody('sh', ['-c', contained.probe], { ...contained.env, MYSQL_TCP_PORT: String(port) })
      await withServer([...server, `--port=${port}`, '--bind-address=127.0.0.1'], probe, async () => {
        const url = new URL(at(told.WESTAGE_MYSQL_URL, 'mysql:3306', port))
        const query = (secret: string) =>
          runAsNobody(
            'mysql',
            [
              '--no-defaults',
              '--protocol=tcp',
              `--host=${url.hostname}`,
              `--port=${url.port}`,
              `--user=${url.username}`,
              '--batch',
              '--skip-column-names',
              '--execute',
              COUNT,
              url.pathname.slice(1),
            ],
            { MYSQL_PWD: secret },
          )
        expect(await query(url.password)).toBe('2\n')
        expect(await refused(query(`${url.password}x`))).toContain('Access denied')
      })
      expect(told).toMatchObject({
        WESTAGE_MYSQL_USER: user,
        WESTAGE_MYSQL_PASSWORD: password,
        WESTAGE_MYSQL_DATABASE: database,
      })
    })
  },
  PERIOD_MS,
)

it.skipIf(noRedis !== '')(
  `an app writes to redis by WESTAGE_REDIS_URL, and nobody does with another password${noRedis}`,
  async () => {
    const { told, contained } = given({ redis: {} })
    const port = await freePort()
    await inFolder(async (folder) => {
      const server = [...contained.args, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
      const probe = () =>
        runAsNobody('sh', ['-c', contained.probe.replace('redis-cli', `redis-cli -p ${port}`)], contained.env)
      await withServer(server, probe, async () => {
        const url = at(told.WESTAGE_REDIS_URL, 'redis:6379', port)
        const cli = (...command: readonly string[]) => runAsNobody('redis-cli', ['-u', url, ...command])
        expect(await cli('set', 'cart', '3')).toBe('OK\n')
        expect(await cli('get', 'cart')).toBe('3\n')
        const others = url.replace(told.WESTAGE_REDIS_PASSWORD ?? '', 'other')
        expect(await runAsNobody('redis-cli', ['-u', others, 'get', 'cart'])).toContain('NOAUTH')
      })
    })
  },
  PERIOD_MS,
)

it.skipIf(noPostgres !== '')(
  `an app finds its rows in postgres by WESTAGE_POSTGRES_URL, and nobody does with another password${noPostgres}`,
  async () => {
    const { manifests, told, contained } = given({
      postgres: { database: 'Shop-7', user: 'shop', seed: ['db/schema.sql', 'db/things.sql'] },
    })
    const port = await freePort()
    await inFolder(async (folder) => {
      const data = join(folder, 'data')
      const { POSTGRES_DB: database = '', POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = contained.env
      const passwordFile = join(folder, 'password')
      writeFileSync(passwordFile, `${password}\n`)
      const auth = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`]
      await runAsNobody('initdb', ['--pgdata', data, '--username', user, '--no-sync', ...auth])
      const server = [...contained.args, '-D', data, '-k', folder, '-p', String(port), '-c', 'max_connections=10']
      const bySocket = (name: string, sql: string) =>
        runAsNobody('psql', [
          '-h',
          folder,
          '-p',
          String(port),
          '-U',
          user,
          '-d',
          name,
          '-v',
          'ON_ERROR_STOP=1',
          '-c',
          sql,
        ])
      // As the image: first a server without TCP, on which database and seed are made.
      await withServer(
        [...server, '-c', 'listen_addresses='],
        () => bySocket('postgres', 'select 1'),
        async () => {
          await bySocket('postgres', `create database "${database}"`)
          await bySocket(database, seedIn(manifests))
        },
      )
      const probe = () => runAsNobody('sh', ['-c', contained.probe], { ...contained.env, PGPORT: String(port) })
      await withServer([...server, '-c', 'listen_addresses=127.0.0.1'], probe, async () => {
        const url = at(told.WESTAGE_POSTGRES_URL, 'postgres:5432', port)
        expect(await runAsNobody('psql', [url, '-qtAc', COUNT])).toBe('2\n')
        const others = url.replace(password, 'other')
        expect(await refused(runAsNobody('psql', [others, '-qtAc', COUNT]))).toContain('password authentication failed')
      })
    })
  },
  PERIOD_MS,
)
