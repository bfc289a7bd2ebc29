/**
 * Images of the services that add-ons run, for a cluster that reaches no public registry: made from Debian's packages,
 * and ElasticMQ from Maven Central. To an add-on they are the official ones: same users, variables, paths and ports.
 */
import type { PackagesOptions } from './debian-packages.ts'

export interface ServiceImage extends PackagesOptions {
  /** A folder of this one, whose `entrypoint` is the image's, and whose pom.xml names jars for /opt/lib. */
  readonly folder: string
  /** Names of busybox (busybox(1)) that its scripts and the add-on's probes call. */
  readonly applets: readonly string[]
  /** Other names: name -> program. Packages leave them to scripts that set up a machine. */
  readonly links?: Readonly<Record<string, string>>
  /** name -> user and group id, as in the official image. */
  readonly users: Readonly<Record<string, readonly [number, number]>>
  /** Paths that whoever it runs as may write to. */
  readonly writable: readonly string[]
  /** Globs of what is large and not called. */
  readonly leftOut: readonly string[]
}

export const SERVICE_IMAGES = {
  mysql: {
    folder: 'mysql',
    packages: ['mariadb-server-core', 'mariadb-client-core', 'busybox'],
    applets: [
      'basename',
      'cat',
      'dirname',
      'hostname',
      'mkdir',
      'sed',
      'sh',
      'sleep',
      'touch',
      'tr',
      'od',
      'id',
      'uname',
      'chmod',
      'rm',
      'mv',
      'cp',
      'ls',
      'grep',
      'kill',
      'env',
    ],
    users: { mysql: [999, 999] },
    writable: ['var/lib/mysql', 'run/mysqld'],
    leftOut: ['usr/bin/innochecksum', 'usr/bin/mariadb-upgrade'],
  },
  redis: {
    folder: 'redis',
    packages: ['redis-server', 'redis-tools', 'busybox'],
    applets: ['grep', 'sh'],
    users: { redis: [999, 1000] },
    writable: ['data'],
    leftOut: ['usr/bin/redis-benchmark'],
  },
  postgres: {
    folder: 'postgres',
    packages: ['postgresql-15', 'postgresql-client-15', 'tzdata', 'busybox'],
    without: /perl|llvm|semanage|pam-modules/,
    applets: ['cat', 'chmod', 'grep', 'id', 'ls', 'mkdir', 'rm', 'sh', 'env'],
    links: {
      pg_isready: '/usr/lib/postgresql/15/bin/pg_isready',
      psql: '/usr/lib/postgresql/15/bin/psql',
    },
    users: { postgres: [70, 70] },
    writable: ['var/lib/postgresql/data', 'run/postgresql'],
    leftOut: ['usr/lib/postgresql/*/lib/bitcode', 'usr/lib/postgresql/*/lib/llvmjit*'],
  },
  sqs: {
    folder: 'sqs',
    packages: ['openjdk-17-jre-headless', 'busybox'],
    without: /cups|font|freetype|harfbuzz|jpeg|lcms|pcsc|nss|asound/,
    applets: ['sh'],
    users: { nobody: [65534, 65534] },
    writable: [],
    leftOut: ['usr/lib/jvm/*/lib/server/classes_nocoops.jsa'],
  },
  /** What waits in an init container; busybox has an nc of its own, which on Debian lacks `-z`. */
  wait: {
    folder: 'wait',
    packages: ['busybox', 'netcat-openbsd'],
    applets: ['sh', 'sleep'],
    links: { nc: '/bin/nc.openbsd' },
    users: { nobody: [65534, 65534] },
    writable: [],
    leftOut: [],
  },
} as const satisfies Readonly<Record<string, ServiceImage>>

export type ServiceName = keyof typeof SERVICE_IMAGES
