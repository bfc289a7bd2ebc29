/** Everything an instance is told, read once: a YAML file, and secrets from the environment. The only reader of either. */
import { readFileSync } from 'node:fs'
import { load, YAMLException } from 'js-yaml'
import { z } from 'zod'
import { appNameOf, isAppName } from './domain/names.ts'
import { destinationOf } from './domain/preview.ts'

/** Node.js: setTimeout takes 2^31 - 1 ms at most, and 1 ms instead of anything longer. */
const TIMER_MAX_MS = 24 * 86_400_000
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `90s`, `10m`, `1h`: a duration, in milliseconds. */
const duration = (standard: string) =>
  z
    .string()
    .regex(/^[1-9][0-9]*(ms|s|m|h|d)$/, 'is not a duration such as 30s, 10m or 1h')
    .default(standard)
    .transform((text) => {
      const [, count = '', unit = 'ms'] = /^([0-9]+)(ms|s|m|h|d)$/.exec(text) ?? []
      return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
    })

/** A duration that a timer is set to. */
const timer = (standard: string) => duration(standard).refine((ms) => ms <= TIMER_MAX_MS, 'is longer than 24d')

const count = (standard: number) => z.int().positive().default(standard)
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''))
/** One that may stand in a log. */
const loggedUrl = httpUrl.refine((url) => !/^https?:\/\/[^/]*@/.test(url), { error: 'has credentials in it' })
/** Argo CD's receiver of webhooks there. */
const webhookUrl = loggedUrl.transform(webhookOf)
const folder = z
  .string()
  .refine((path) => path === '.' || (path !== '' && !path.startsWith('/') && !path.split('/').includes('..')), {
    error: 'is not a path inside the repo',
  })
  .transform((path) => path.replace(/\/+$/, ''))

/** A cluster by its name or its address, without what a GitOps repo's preview.yaml does not take. */
const destination = z
  .string()
  .max(253)
  .regex(/^(?:https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~/-]*)?|(?!https?:\/\/)[A-Za-z0-9][A-Za-z0-9._:@/-]*)$/, {
    error: 'is neither the name of a cluster nor the address of its API server',
  })

/** One thing that can be previewed, where the conventions do not fit. */
const AppSchema = z.strictObject({
  name: z.string().refine(isAppName, { error: 'is not a DNS label of at most 30 characters' }),
  repository: z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'is not owner/name'),
  folder: folder.nullable().default(null),
  context: folder.default('.'),
  dockerfile: folder.default('Dockerfile'),
  image: z.string().min(1).nullable().default(null),
})

/** The shape of `westage.yaml`. */
export const ConfigSchema = z.strictObject({
  instance: z.string().refine(isAppName, { error: 'is not a DNS label of at most 30 characters' }).default('westage'),
  label: z.string().min(1).default('westage'),
  publicUrl: httpUrl,
  listen: z
    .strictObject({ host: z.string().default('0.0.0.0'), port: z.int().min(0).max(65535).default(8080) })
    .prefault({}),
  dataDir: z.string().min(1).default('./data'),
  logs: z.strictObject({ maxBytesPerRun: count(4_000_000), keep: duration('30d') }).prefault({}),
  github: z.strictObject({
    apiUrl: httpUrl.prefault('https://api.github.com'),
    appId: z.int().positive(),
    writesPerMinute: count(180),
  }),
  gitops: z.strictObject({
    url: httpUrl,
    branch: z.string().min(1).default('main'),
    auth: z.enum(['app', 'token']).default('app'),
    author: z
      .strictObject({
        name: z.string().min(1).default('WeStage'),
        email: z.string().min(1).default('westage@localhost'),
      })
      .prefault({}),
  }),
  argocd: z
    .strictObject({
      namespace: z.string().min(1).default('argocd'),
      kubeconfig: z.string().min(1).nullable().default(null),
      context: z.string().min(1).nullable().default(null),
      destination: destination.default('in-cluster').transform(destinationOf),
      deadline: timer('10m'),
      crashRestarts: count(3),
      server: z
        .strictObject({ url: loggedUrl, caFile: z.string().min(1).nullable().default(null) })
        .nullable()
        .prefault(null),
      nudge: z
        .strictObject({
          via: z.enum(['none', 'webhook', 'annotations']).default('none'),
          server: webhookUrl.nullable().default(null),
          applicationSet: webhookUrl.nullable().default(null),
        })
        .prefault({}),
    })
    .prefault({}),
  builder: z.enum(['none', 'local', 'docker', 'buildah', 'external']).default('none'),
  buildTimeout: timer('30m'),
  registry: z
    .strictObject({
      repository: z.string().min(1),
      tag: z.string().min(1).default('{sha}'),
      plainHttp: z.boolean().default(false),
      authFile: z.string().min(1).nullable().default(null),
    })
    .nullable()
    .default(null),
  hosts: z
    .strictObject({
      template: z
        .string()
        .refine((text) => text.includes('{host}') && text.includes('{slug}'), { error: 'needs {slug} and {host}' })
        .default('{slug}-{host}'),
      scheme: z.enum(['auto', 'http', 'https']).default('auto'),
      port: z.int().min(1).max(65535).nullable().default(null),
      resolver: z
        .strictObject({
          servers: z.array(z.string().min(1)).default([]),
          address: z.string().min(1).nullable().default(null),
        })
        .prefault({}),
    })
    .prefault({}),
  render: z
    .strictObject({
      folders: z
        .array(folder)
        .min(1)
        .default([
          'k8s/overlays/preview',
          'k8s/overlays/staging',
          'kustomize/overlays/preview',
          'kustomize/overlays/staging',
          'deploy/overlays/preview',
          'deploy/overlays/staging',
          '.k8s/overlays/preview',
          '.k8s/overlays/staging',
          'k8s',
          'kustomize',
          'deploy',
          '.k8s',
          'manifests',
        ]),
      timeout: timer('30s'),
      maxMemoryMb: count(1024),
      maxOutputMb: count(16),
    })
    .prefault({}),
  archive: z
    .strictObject({
      maxMb: count(1024),
      maxEntries: count(200_000),
      maxDepth: count(64),
      maxRatio: count(200),
    })
    .prefault({}),
  concurrency: z.strictObject({ previews: count(32), prepares: count(2) }).prefault({}),
  resync: timer('5m'),
  apps: z.array(AppSchema).default([]),
})

const pem = z.string().includes('PRIVATE KEY', { error: 'is not a PEM private key' })
/** The secrets by the variables that hold them. */
export const SecretsSchema = z.object({
  WESTAGE_GITHUB_PRIVATE_KEY: pem,
  WESTAGE_WEBHOOK_SECRET: z.string().min(1, 'is empty'),
  WESTAGE_API_TOKEN: z.string().min(16, 'is shorter than 16 characters').optional(),
  WESTAGE_GITOPS_TOKEN: z.string().min(1, 'is empty').optional(),
  WESTAGE_ARGOCD_WEBHOOK_SECRET: z.string().min(1, 'is empty').optional(),
  WESTAGE_ARGOCD_TOKEN: z.string().min(1, 'is empty').optional(),
})

export type Config = z.output<typeof ConfigSchema>
export type AppSettings = Config['apps'][number]

/** Kept apart from Config, so that a configuration can be logged and this cannot. */
export interface Secrets {
  readonly githubPrivateKey: string
  readonly webhookSecret: string
  /** null: `/api/previews` answers nobody */
  readonly apiToken: string | null
  /** null where the GitOps repo is reached by the App's own installation token */
  readonly gitopsToken: string | null
  /** What Argo CD's webhook receivers check; null where they are not used */
  readonly argocdWebhookSecret: string | null
  /** Of an AppProject's role, for argocd-server; null where that is not asked */
  readonly argocdToken: string | null
}

/** Where Argo CD takes webhooks, by the address of the part of it that takes them. */
export function webhookOf(url: string): string {
  return url.replace(/(\/api\/webhook)?$/, '/api/webhook')
}

/** Every fault of the configuration at once, one line each. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
  }
}

/** What tools that WeStage runs are given of the process's environment, and nothing else. */
export interface ToolEnvironment {
  readonly path: string
  /** How a container engine or a proxy is reached, where that is set. */
  readonly passed: Readonly<Record<string, string>>
}

const PASSED = [
  'DOCKER_CONFIG',
  'DOCKER_HOST',
  'XDG_RUNTIME_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
]

export function toolEnvironmentOf(env: NodeJS.ProcessEnv = process.env): ToolEnvironment {
  const passed = PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { path: env.PATH ?? '', passed: Object.fromEntries(passed) }
}

/**
 * @param yaml the text of `westage.yaml`
 * @param env the process's environment; `NAME_FILE` names a file to read the secret NAME from
 * @throws {ConfigError} listing every fault of both
 */
export function readConfig(yaml: string, env: NodeJS.ProcessEnv = process.env): { config: Config; secrets: Secrets } {
  const unreadable: string[] = []
  const document = parsed(yaml, unreadable)
  const isParsed = unreadable.length === 0
  const config = ConfigSchema.safeParse(document)
  const secrets = SecretsSchema.safeParse(secretsIn(env, unreadable))
  const faults = [
    ...unreadable,
    ...(isParsed ? faultsOf(config.error) : []),
    // What is missing because its file could not be read was said above.
    ...faultsOf(secrets.error).filter(
      (fault) => !unreadable.some((said) => said.startsWith(`${fault.split(':')[0]}_FILE:`)),
    ),
    ...(config.success && secrets.success ? contradictions(config.data, secrets.data) : []),
  ]
  if (faults.length > 0 || !config.success || !secrets.success) throw new ConfigError(faults)
  return {
    config: config.data,
    secrets: {
      githubPrivateKey: secrets.data.WESTAGE_GITHUB_PRIVATE_KEY,
      webhookSecret: secrets.data.WESTAGE_WEBHOOK_SECRET,
      apiToken: secrets.data.WESTAGE_API_TOKEN ?? null,
      gitopsToken: secrets.data.WESTAGE_GITOPS_TOKEN ?? null,
      argocdWebhookSecret: secrets.data.WESTAGE_ARGOCD_WEBHOOK_SECRET ?? null,
      argocdToken: secrets.data.WESTAGE_ARGOCD_TOKEN ?? null,
    },
  }
}

/** The apps of a repo (`owner/name`): those configured for it, else one by the repo's own name. */
export function appsOf(config: Pick<Config, 'apps'>, repositoryName: string): readonly AppSettings[] {
  const own = config.apps.filter(({ repository }) => repository.toLowerCase() === repositoryName.toLowerCase())
  if (own.length > 0) return own
  return [AppSchema.parse({ name: appNameOf(repositoryName), repository: repositoryName })]
}

function parsed(yaml: string, faults: string[]): unknown {
  try {
    return load(yaml) ?? {}
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    faults.push(error.message)
    return {}
  }
}

function secretsIn(env: NodeJS.ProcessEnv, faults: string[]): Record<string, string | undefined> {
  const secretOf = (name: string) => {
    const file = env[`${name}_FILE`]
    if (file === undefined) return env[name]
    try {
      return readFileSync(file, 'utf8').trim()
    } catch (error) {
      faults.push(`${name}_FILE: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  return Object.fromEntries(Object.keys(SecretsSchema.shape).map((name) => [name, secretOf(name)]))
}

function faultsOf(error: z.ZodError | undefined): string[] {
  return (error?.issues ?? []).map((issue) => {
    const path = issue.path.join('.')
    const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
    return `${path === '' ? 'westage.yaml' : path}: ${missing ? 'is missing' : issue.message}`
  })
}

function contradictions(config: Config, secrets: z.output<typeof SecretsSchema>): string[] {
  const faults: string[] = []
  if (config.builder !== 'none' && config.registry === null) {
    faults.push(`registry: is missing, and builder is ${config.builder}`)
  }
  if (config.gitops.auth === 'token' && secrets.WESTAGE_GITOPS_TOKEN === undefined) {
    faults.push('WESTAGE_GITOPS_TOKEN: is missing, and gitops.auth is token')
  }
  const { nudge } = config.argocd
  if (nudge.via === 'webhook') {
    const isServerNamed = nudge.server !== null || config.argocd.server !== null
    if (!isServerNamed) faults.push('argocd.nudge.server: is missing, and argocd.nudge.via is webhook')
    if (nudge.applicationSet === null) {
      faults.push('argocd.nudge.applicationSet: is missing, and argocd.nudge.via is webhook')
    }
    if (secrets.WESTAGE_ARGOCD_WEBHOOK_SECRET === undefined) {
      faults.push('WESTAGE_ARGOCD_WEBHOOK_SECRET: is missing, and argocd.nudge.via is webhook')
    }
  }
  const hasToken = secrets.WESTAGE_ARGOCD_TOKEN !== undefined
  if (config.argocd.server !== null && !hasToken) {
    faults.push('WESTAGE_ARGOCD_TOKEN: is missing, and argocd.server is set')
  }
  if (config.argocd.server === null && hasToken) {
    faults.push('argocd.server: is missing, and WESTAGE_ARGOCD_TOKEN is set')
  }
  const names = config.apps.map(({ name }) => name)
  for (const name of new Set(names.filter((name, at) => names.indexOf(name) !== at))) {
    faults.push(`apps: two are called ${name}`)
  }
  return faults
}
