/** A whole instance on loopback: the service as `westage serve` runs it, with real servers and the doubles around it. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../src/adapters/runs/redacted-logger.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { toolEnvironmentOf } from '../../src/config/tool-environment.ts'
import { type Service, startService } from '../../src/main.ts'
import { type ArgoCdStandIn, startArgoCdStandIn } from './argocd-standin/start-argocd-standin.ts'
import { filesOf, type GitServer, startGitServer } from './git-server.ts'
import { type GitHub, startGitHub } from './github/github.ts'

export interface InstanceOptions {
  /** Lines of YAML below the top level of westage.yaml that replace what stands there. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly log?: Logger
  readonly standInDelays?: { compareMs: number; syncMs: number; startMs: number; removeMs: number }
  /** The PATH that tools are looked up on; this process's own where it is not given. */
  readonly path?: string
  /** How commits get to the GitOps repo: pushed with a token unless told; by the API it is one of GitHub's repos. */
  readonly write?: 'push' | 'api'
  /** Further secrets, by their variables. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Where the service listens, and GitHub's double beside it: loopback and a free port unless given. */
  readonly listen?: { readonly host: string; readonly port: number }
}

/** The GitOps repo, as Argo CD is told of it. */
export interface GitOpsAccess {
  readonly gitUrl: string
  readonly branch: string
  readonly instance: string
  readonly credentials: { readonly username: string; readonly password: string }
}

/** Argo CD with its cluster, or what stands in for both. */
export interface ArgoCdSide {
  /** With what WeStage may do there, and no more. */
  readonly kubeconfigPath: string
  /** `127.0.0.1:PORT`: answers for the hosts of previews. */
  readonly previewAddress: string
  /** What westage.yaml says of it beside that, and the secrets that belong to it. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface Instance<Side extends ArgoCdSide = ArgoCdStandIn> {
  readonly github: GitHub
  readonly git: GitServer
  /** The GitOps repo: a bare one. */
  readonly gitDir: string
  readonly argocd: Side
  /** The service's address. */
  readonly url: string
  readonly apiToken: string
  /** Its westage.yaml, and the secrets that it is given by its environment: for a process of `westage serve`. */
  readonly configFile: string
  readonly secrets: Readonly<Record<string, string>>
  /** Its log so far, one line each. */
  readonly logged: readonly string[]
  /** Stops the service as SIGTERM does. */
  stop(graceMs?: number): Promise<void>
  /** Starts it again, with nothing but its data folder. */
  start(): Promise<void>
  close(): Promise<void>
}

const NO_DELAYS = { compareMs: 1, syncMs: 1, startMs: 1, removeMs: 1 }
const GITOPS_AT_GITHUB = 'acme/previews'
/** No host's advice counts here, and a test that deploys more than a burst must not wait for its turn. */
const PUSHES = { perMinute: 100_000, burst: 1000 }
const API_TOKEN = 'loop-test-api-token'

/** Starts GitHub's double, a git server, the stand-in for Argo CD, and the service between them. */
export const startInstance = (options: InstanceOptions = {}): Promise<Instance> =>
  startInstanceOn(
    (gitops) =>
      startArgoCdStandIn({
        ...gitops,
        delays: options.standInDelays ?? NO_DELAYS,
      }),
    options,
  )

/** The same with another Argo CD. */
export async function startInstanceOn<Side extends ArgoCdSide>(
  startSide: (gitops: GitOpsAccess) => Promise<Side>,
  options: InstanceOptions = {},
): Promise<Instance<Side>> {
  const dir = await mkdtemp(join(tmpdir(), 'westage-instance-'))
  const credentials = { username: 'westage', password: 'gitops-token' }
  const repo = options.write === 'api' ? GITOPS_AT_GITHUB : 'gitops'
  const git = await startGitServer({
    repositories: { [repo]: { files: await filesOf('gitops-template') } },
    credentials,
  })
  const github = await startGitHub(options.listen === undefined ? {} : { host: options.listen.host })
  if (options.write === 'api') {
    github.addRepository(repo, { 'README.md': 'previews' })
    github.keepIn(repo, git.dir(repo))
    git.accept(
      ({ password }) => password === credentials.password || github.isTokenGranted(password, repo, 'contents', 'write'),
    )
  }
  const argocd = await startSide({ gitUrl: git.url(repo), branch: 'main', instance: 'westage', credentials })
  const port = Number(argocd.previewAddress.split(':')[1])
  const logged: string[] = []
  const log: Logger = (level, message, fields) => {
    logged.push(`${level} ${message} ${JSON.stringify(fields)}`)
    options.log?.(level, message, fields)
  }
  let service: Service | null = null
  const listen = options.listen ?? { host: '127.0.0.1', port: await freePort() }
  const url = `http://${listen.host}:${listen.port}`

  // JSON is YAML (YAML 1.2, "Relation to JSON").
  const yaml = JSON.stringify({
    publicUrl: url,
    listen,
    dataDir: join(dir, 'data'),
    github: { apiUrl: github.apiUrl, appId: github.appId, writesPerMinute: 100_000 },
    hosts: { scheme: 'http', port, resolver: { address: argocd.previewAddress } },
    ...argocd.settings,
    ...options.settings,
    gitops: {
      url: git.url(repo),
      pushes: PUSHES,
      ...(options.write === 'api' ? { auth: 'app', write: 'api' } : { auth: 'token' }),
      ...(options.settings?.gitops as object | undefined),
    },
    argocd: {
      kubeconfig: argocd.kubeconfigPath,
      ...(argocd.settings?.argocd as object | undefined),
      ...(options.settings?.argocd as object | undefined),
    },
  })
  const configFile = join(dir, 'westage.yaml')
  await writeFile(configFile, yaml)
  const secretTexts = {
    WESTAGE_GITHUB_PRIVATE_KEY: github.privateKey,
    WESTAGE_WEBHOOK_SECRET: github.webhookSecret,
    WESTAGE_GITOPS_TOKEN: credentials.password,
    WESTAGE_API_TOKEN: API_TOKEN,
    WESTAGE_ADDON_SECRET: 'what the passwords of add-ons come from',
    ...argocd.secrets,
    ...options.secrets,
  }
  github.sendWebhooksTo(`${url}/webhook`)

  async function start(): Promise<void> {
    const { config, secrets } = readConfig(yaml, secretTexts)
    const env = { ...process.env, ...(options.path !== undefined && { PATH: options.path }) }
    service = await startService(config, secrets, toolEnvironmentOf(env), log)
  }
  const stop = async (graceMs = 0) => {
    await service?.stop(graceMs)
    service = null
  }

  await start()
  return {
    github,
    git,
    gitDir: git.dir(repo),
    argocd,
    url,
    apiToken: API_TOKEN,
    configFile,
    secrets: secretTexts,
    logged,
    stop,
    start,
    async close() {
      await stop()
      await Promise.all([argocd.close(), git.close(), github.close()])
      // What an aborted build left may be being swept.
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    },
  }
}

/** WeStage must know its public address before it listens there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
