/** The shape of `westage.yaml`, and what it comes to. A setting's description is what its line in the docs says. */
import { z } from 'zod'
import { isAppName } from '../domain/names.ts'
import { duration, timer } from '../settings/durations.ts'
import { httpUrl } from '../settings/urls.ts'
import { AddonsSchema } from './addons.ts'
import { AppSchema } from './apps.ts'
import { ArgoCdSchema } from './argocd.ts'
import { BuildKitSchema } from './buildkit.ts'
import { ArchiveSchema, ConcurrencySchema, RenderSchema } from './caps.ts'
import { count } from './count.ts'
import { GitHubSchema } from './github.ts'
import { GitOpsSchema } from './gitops.ts'
import { HostsSchema } from './hosts.ts'
import { ManifestsSchema } from './manifests.ts'
import { NamespaceSchema } from './namespace.ts'
import { PolicySchema } from './policy.ts'
import { PreviewsSchema } from './previews.ts'
import { RegistrySchema } from './registry.ts'
import { WeHookSchema } from './wehook.ts'
import { WorkerSchema } from './worker.ts'

const ListenSchema = z.strictObject({
  host: z.string().default('0.0.0.0').describe('Address to listen on.'),
  port: z.int().min(0).max(65535).default(8080).describe('Port to listen on, 0 for any free one.'),
})

const LogsSchema = z.strictObject({
  maxBytesPerRun: count(4_000_000).describe("How much of one run's log is kept."),
  keep: duration('30d').describe('How long the logs of runs are kept.'),
})

export const ConfigSchema = z.strictObject({
  publicUrl: httpUrl.describe('Where people reach WeStage. Links in Checks, commits and `preview.yaml` start with it.'),
  instance: z
    .string()
    .refine(isAppName, { error: 'is not a DNS label of at most 30 characters' })
    .default('westage')
    .describe(
      "This instance's name, a DNS label of at most 30 characters. It finds its Applications by the label `westage.dev/instance` with this value.",
    ),
  label: z.string().min(1).default('westage').describe('The label that asks for a preview. Case does not count.'),
  listen: ListenSchema.prefault({}),
  dataDir: z
    .string()
    .min(1)
    .default('./data')
    .describe(
      "Folder for the logs of runs (`runs/`), what is under way (`work/`, emptied of what a killed process left when the next one starts) and buildah's layers (`layers/`). Losing it while WeStage is stopped loses logs and time only. Not to be shared between machines.",
    ),
  logs: LogsSchema.prefault({}),
  github: GitHubSchema,
  gitops: GitOpsSchema,
  argocd: ArgoCdSchema.prefault({}),
  previews: PreviewsSchema.prefault({}),
  builder: z
    .enum(['none', 'local', 'docker', 'buildah', 'buildkit', 'external'])
    .default('none')
    .describe('Who builds images: see Images.'),
  buildkit: BuildKitSchema.prefault({}),
  buildTimeout: timer('30m').describe(
    "For a build here, and once more for its push; with `buildkit`, for both; with `external`, how long CI's image is waited for.",
  ),
  registry: RegistrySchema.nullable().default(null).describe('Where images are. Needed unless `builder` is `none`.'),
  hosts: HostsSchema.prefault({}),
  manifests: ManifestsSchema.prefault({}),
  addons: AddonsSchema.prefault({}),
  policy: PolicySchema.prefault({}),
  namespace: NamespaceSchema.prefault({}),
  render: RenderSchema.prefault({}),
  archive: ArchiveSchema.prefault({}),
  concurrency: ConcurrencySchema.prefault({}),
  worker: WorkerSchema.prefault({}),
  wehook: WeHookSchema.nullable()
    .default(null)
    .describe('For `westage wehook`, which the service itself does not look at.'),
  resync: timer('5m').describe('How often everything is looked at without being told.'),
  apps: z
    .array(AppSchema)
    .default([])
    .describe('Apps that the conventions do not fit. A repo that is named here has these apps and no other.'),
})

export type Config = z.output<typeof ConfigSchema>
