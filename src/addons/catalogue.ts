import { z } from 'zod'
import { Terminal } from '../domain/errors.ts'
import { annotationsOf, type Manifest } from '../manifests/manifest.ts'
import { SYNC_WAVE } from '../manifests/sync-wave.ts'
import type { EnvVar } from '../manifests/target.ts'
import type { Addon, AddonRequest, Endpoint } from './addon.ts'
import { mongodb } from './mongodb.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import { s3 } from './s3.ts'
import { smtp } from './smtp.ts'
import { sqs } from './sqs.ts'
import { ADDON_LABEL } from './workload.ts'

/**
 * All add-ons there are, in the order in which their variables stand. SQS and S3 give some alike, of which S3's hold: it
 * asks for a password, and SQS for none.
 */
export const catalogue: readonly Addon[] = [mysql, postgres, mongodb, redis, rabbitmq, sqs, s3, smtp]

/** The add-ons that somebody asks for, each with its settings. */
const AddonsSchema = z.strictObject(
  Object.fromEntries(catalogue.map(({ name, settings }) => [name, settings.optional()])),
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has no ${issue.keys.join(', ')}; there are ${catalogue.map(({ name }) => name).join(', ')}`
        : undefined,
  },
)

/** Add-on's name -> its settings, as they were written. */
export type Wanted = Readonly<Record<string, unknown>>

/** What an instance gives to the add-ons of one preview. */
export interface AddonInstance extends Omit<AddonRequest, 'image'> {
  /** The preview's. */
  readonly namespace: string
  /** The sync wave of their objects, before the app's. */
  readonly wave: number
  /** Add-on's name -> its image, where it is not the default. */
  readonly images: Readonly<Record<string, string>>
}

/** What an app may count on, known before there is any password. */
export interface Promised {
  /** For the app's containers. */
  readonly env: readonly EnvVar[]
  /** What the app's pods wait for. */
  readonly waitFor: readonly Endpoint[]
  /** Paths of SQL files in the repo, to be read and handed to `additionsOf`. */
  readonly seedFiles: readonly string[]
  /** Names of the app's Jobs that fill a database and so run before the rest of it. */
  readonly seedJobs: readonly string[]
}

/** What the add-ons promise. @throws {Terminal} no such add-on, or a wrong setting: each with its path */
export function promisedBy(wanted: Wanted): Promised {
  const all = chosen(wanted)
  const seeds = all.map(({ seed }) => seed)
  return {
    env: withoutDuplicates(all.flatMap(({ env }) => env)),
    waitFor: all.flatMap(({ endpoints, isWaitedFor }) => (isWaitedFor ? endpoints : [])),
    seedFiles: [...new Set(seeds.flatMap(({ files }) => files))],
    seedJobs: [...new Set(seeds.flatMap(({ job }) => (job === null ? [] : [job])))],
  }
}

/**
 * The objects of the add-ons, in the preview's namespace and before the app's wave.
 * @throws {Terminal} as `promisedBy`; a seed that was not read or is too large
 */
export const additionsOf = (wanted: Wanted, instance: AddonInstance): readonly Manifest[] =>
  chosen(wanted).flatMap(({ name, image, manifests }) =>
    manifests({ ...instance, image: instance.images[name] ?? image }).map((manifest) =>
      placed(manifest, name, instance),
    ),
  )

/** An add-on's object where it belongs, and saying whose it is. */
const placed = (manifest: Manifest, addon: string, { namespace, wave }: AddonInstance): Manifest => ({
  ...manifest,
  metadata: {
    name: manifest.metadata.name,
    namespace,
    labels: { [ADDON_LABEL]: addon },
    annotations: { [SYNC_WAVE]: String(wave), ...annotationsOf(manifest) },
  },
})

/** @throws {Terminal} an add-on that the instance does not let authors ask for */
export function refuseForbidden(wanted: Wanted, allowed: readonly string[]): void {
  const forbidden = Object.keys(wanted).filter((name) => !allowed.includes(name))
  if (forbidden.length === 0) return
  throw new Terminal(
    `addons: ${forbidden.join(', ')} may not be asked for here; ${allowed.length === 0 ? 'nothing' : allowed.join(', ')} may. ` +
      'Whoever operates WeStage allows more by addons.allowed, or gives it to this app by apps[].addons',
  )
}

const chosen = (wanted: Wanted) => {
  const read = AddonsSchema.safeParse(wanted)
  if (!read.success) {
    throw new Terminal(
      read.error.issues.map(({ path, message }) => `${['addons', ...path].join('.')}: ${message}`).join('; '),
    )
  }
  return catalogue
    .filter(({ name }) => wanted[name] !== undefined)
    .map(({ name, image, configured }) => ({ name, image, ...configured(wanted[name]) }))
}

/** Of the variables that two add-ons give alike, AWS_REGION and so on, the last. */
const withoutDuplicates = (env: readonly EnvVar[]): readonly EnvVar[] =>
  env.filter(({ name }, at) => env.findLastIndex((other) => other.name === name) === at)
