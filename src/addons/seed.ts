import { z } from 'zod'
import { Terminal } from '../domain/errors.ts'
import type { Manifest } from '../manifests/manifest.ts'
import type { AddonRequest, Seed } from './addon.ts'

/** Kubernetes: ConfigMaps. What one holds is 1 MiB at most; its names and metadata want some of that. */
const MAX_BYTES = 1_000_000
/** Where the official images of MySQL and PostgreSQL look for what to run on an empty database, in order of names. */
const INIT_FOLDER = '/docker-entrypoint-initdb.d'
/** Kubernetes: object names and `Kind/name` of a Job. */
const JOB_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

const sqlFile = z
  .string()
  .refine((path) => path.endsWith('.sql'), { error: 'is not a .sql file' })
  .refine((path) => !path.startsWith('/') && !path.includes('\\') && path.split('/').every(isSegment), {
    error: 'is not a path inside the repo',
  })

const isSegment = (segment: string): boolean => segment !== '' && segment !== '.' && segment !== '..'

/** SQL files of the repo, run in order on the empty database; or a Job of the app's own manifests that fills it. */
export const SeedSchema = z
  .union(
    [
      z.array(sqlFile).min(1).max(100),
      z.strictObject({
        job: z
          .string()
          .max(253)
          .regex(JOB_NAME, 'is not the name of a Job')
          .describe("The Job's name in the manifests; it runs before the rest of the app."),
      }),
    ],
    { error: 'is neither a list of .sql files of the repo nor { job: NAME }' },
  )
  .optional()

export type SeedSetting = z.output<typeof SeedSchema>

/** What the setting names. */
export const seedOfSetting = (setting: SeedSetting): Seed => ({
  files: Array.isArray(setting) ? setting : [],
  job: setting === undefined || Array.isArray(setting) ? null : setting.job,
})

/** The seed of a database: the ConfigMap with its files, where it is mounted, and its text, to start anew with. */
export interface MountedSeed {
  readonly manifests: readonly Manifest[]
  readonly files: readonly { readonly configMap: string; readonly mountPath: string }[]
  readonly config: readonly string[]
}

/**
 * The SQL files of a seed as the database's image takes them: `00-schema.sql`, `01-users.sql`.
 * @throws {Terminal} more text than a ConfigMap holds, or a file that was not read
 */
export function mountedSeed(addon: string, setting: SeedSetting, request: AddonRequest): MountedSeed {
  const { files } = seedOfSetting(setting)
  if (files.length === 0) return { manifests: [], files: [], config: [] }
  const texts = files.map((path) => {
    const text = request.files.get(path)
    if (text === undefined) throw new Terminal(`addons.${addon}.seed: there is no ${path} in the repo at this commit`)
    return text
  })
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > MAX_BYTES) {
    throw new Terminal(
      `addons.${addon}.seed: the files have ${bytes} bytes together, and a ConfigMap holds ${MAX_BYTES}: ` +
        'seed by a Job of the app’s manifests instead (seed: { job: NAME })',
    )
  }
  const name = `westage-${addon}-seed`
  const data = Object.fromEntries(files.map((path, at) => [keyOf(path, at), texts[at] ?? '']))
  const annotations = {
    // Without it kubectl's and Argo CD's own copy of the object, in an annotation, ends at 256 KiB.
    'argocd.argoproj.io/sync-options': 'ServerSideApply=true',
  }
  return {
    manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data }],
    files: [{ configMap: name, mountPath: INIT_FOLDER }],
    config: Object.entries(data).flat(),
  }
}

/** Kubernetes: keys of a ConfigMap are letters, digits, `-`, `_` and `.`, at most 253. */
const keyOf = (path: string, at: number): string => {
  const file = path.slice(path.lastIndexOf('/') + 1).replaceAll(/[^-._a-zA-Z0-9]/g, '_')
  return `${String(at).padStart(2, '0')}-${file.slice(-200)}`
}
