/**
 * A strict double of GitHub on loopback: REST and one mutation of GraphQL as an App's installations see them, webhooks,
 * and a driver of what people do. What GitHub would refuse it refuses, with GitHub's status and body. Rules come from
 * GitHub's documentation and its descriptions of both, payloads from @octokit/webhooks-examples.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Addresses } from './addresses.ts'
import { isTokenGranted } from './app-auth.ts'
import { Faults, type Matcher, type Trouble } from './faults.ts'
import { type People, peopleOf } from './people.ts'
import { RateLimits } from './rate-limits.ts'
import type { PullRequest } from './repository.ts'
import { type LoggedRequest, recordWebhook } from './request-log.ts'
import { serverOf } from './server.ts'
import { type CheckRun, type Deployment, type Level, type Permissions, State } from './state.ts'
import { Payloads } from './webhook-payloads.ts'
import { type Delivery, type Fate, Webhooks } from './webhooks.ts'
import type { World } from './world.ts'

/** What WeStage's App asks for, and `contents: write` for the GitOps repo. */
const PERMISSIONS: Permissions = {
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  metadata: 'read',
  pull_requests: 'read',
}

export interface GitHubOptions {
  /** Of this machine, where it listens; loopback unless told. */
  readonly host?: string
  /** A free one unless told. */
  readonly port?: number
  /** What others ask it by, where that is not where it listens: `http://203.0.113.1:443`. */
  readonly apiUrl?: string
  /** Where webhooks go; may be set later by `sendWebhooksTo`. */
  readonly webhookUrl?: string
  readonly now?: () => number
  /** Requests an hour and installation, 5,000 unless told. */
  readonly requestsPerHour?: number
  /** Points of GraphQL an hour and installation, 5,000 unless told. */
  readonly pointsPerHour?: number
  readonly permissions?: Permissions
  /** Where html_url and the like lead, `https://github.com` unless told. */
  readonly siteUrl?: string
  /** A file that every exchange is appended to; GITHUB_DOUBLE_RECORD_TO of the environment unless told. */
  readonly recordTo?: string
}

/** What a test or the demo has of it. `People` are the things that people do. */
export interface GitHub extends Omit<People, 'mergeInto' | 'install'> {
  readonly apiUrl: string
  readonly appId: number
  /** PEM, PKCS#8. */
  readonly privateKey: string
  readonly webhookSecret: string
  /** Every request so far, in the order of the answers. */
  readonly requests: readonly LoggedRequest[]
  readonly deliveries: readonly Delivery[]
  /** Every Check run of a commit, oldest first. */
  checkRuns(repository: string, sha: string): readonly CheckRun[]
  /** Oldest first, each with its statuses, oldest first. */
  deployments(repository: string): readonly Deployment[]
  /** The pull requests of a repo, the first one first. */
  pulls(repository: string): readonly PullRequest[]
  /** The head of a pull request. */
  headOf(repository: string, number: number): string
  /** What is left of an installation's hour, by its owner. */
  remaining(owner: string): number
  /** Ends a token before its time. */
  revokeToken(token: string): void
  /** Whether a token gives this much on a repo: for a git server that stands beside this double. */
  isTokenGranted(token: string, repository: string, permission: string, level: Level): boolean
  sendWebhooksTo(url: string | null): void
  ping(): void
  /** Decides what becomes of the deliveries from now on. */
  onDelivery(fateOf: (delivery: Delivery) => Fate): void
  /** Sends the deliveries that are on hold. */
  releaseHeld(order: 'in order' | 'reversed'): void
  redeliver(deliveryId: number): void
  /** When no delivery is under way any more. */
  delivered(): Promise<void>
  /** Plans trouble; gives back how to call it off. */
  fail(matcher: Matcher, trouble: Trouble): () => void
  close(): Promise<void>
}

/** Making a key takes a tenth of a second: the doubles of one process share theirs. */
let madeKeys: ReturnType<typeof makeKeys> | null = null
const makeKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
function appKeys(): ReturnType<typeof makeKeys> {
  madeKeys ??= makeKeys()
  return madeKeys
}

/** Starts a double with no repos in it. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const now = options.now ?? Date.now
  const keys = appKeys()
  const webhookSecret = randomBytes(20).toString('hex')
  const http = createServer().listen(options.port ?? 0, options.host ?? '127.0.0.1')
  await once(http, 'listening')
  const addresses = {
    api: options.apiUrl ?? apiUrlOf(http.address()),
    site: options.siteUrl ?? 'https://github.com',
  }
  const state = new State(now, options.permissions ?? PERMISSIONS)
  const recordTo = options.recordTo ?? process.env.GITHUB_DOUBLE_RECORD_TO ?? null
  const webhooks = new Webhooks(state, webhookSecret, options.webhookUrl ?? null, (event, payload) => {
    if (recordTo !== null) recordWebhook(recordTo, event, payload)
  })
  const world: World = { state, addresses, webhooks }
  const { mergeInto, install: _, ...people } = peopleOf(world)
  const limits = new RateLimits(now, options.requestsPerHour ?? 5000)
  const faults = new Faults(now)
  const log: LoggedRequest[] = []
  const server = serverOf(world, {
    publicKey: keys.publicKey,
    limits,
    points: new RateLimits(now, options.pointsPerHour ?? 5000, 'graphql'),
    faults,
    log,
    recordTo,
    mergeInto: (repository, branch, merged) => mergeInto(repository, branch, merged, state.bot()),
  })
  const listener = getRequestListener(server.fetch)
  http.on('request', (incoming, outgoing) => void listener(incoming, outgoing))

  return {
    ...people,
    ...readersOf(world, addresses, limits),
    apiUrl: addresses.api,
    appId: state.app.id,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    webhookSecret,
    requests: log,
    deliveries: webhooks.deliveries,
    sendWebhooksTo(url) {
      webhooks.url = url
    },
    onDelivery(fateOf) {
      webhooks.fateOf = fateOf
    },
    releaseHeld: (order) => webhooks.release(order),
    redeliver: (deliveryId) => webhooks.redeliver(deliveryId),
    delivered: () => webhooks.settled(),
    fail: (matcher, trouble) => faults.plan(matcher, trouble),
    async close() {
      await webhooks.stop()
      http.closeAllConnections()
      if (http.listening) await new Promise<void>((closed) => http.close(() => closed()))
    },
  }
}

function apiUrlOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('the double has no port')
  return `http://${address.address}:${address.port}`
}

function readersOf({ state, webhooks }: World, addresses: Addresses, limits: RateLimits) {
  const repositoryNamed = (name: string) => {
    const repository = state.repositoryNamed(name)
    if (repository === null) throw new Error(`no repo ${name}`)
    return repository
  }
  return {
    checkRuns: (name: string, sha: string): readonly CheckRun[] =>
      [...state.checkRuns.values()].filter(
        (run) => run.headSha === sha && state.checkSuites.get(run.suiteId)?.repositoryId === repositoryNamed(name).id,
      ),
    deployments: (name: string): readonly Deployment[] =>
      [...state.deployments.values()].filter((each) => each.repositoryId === repositoryNamed(name).id),
    pulls: (name: string): readonly PullRequest[] => [...repositoryNamed(name).pulls.values()],
    headOf: (name: string, number: number): string => repositoryNamed(name).pulls.get(number)?.headSha ?? '',
    remaining(owner: string): number {
      for (const installation of state.installations.values())
        if (installation.account.login === owner) return limits.remaining(installation.id)
      throw new Error(`the App is not installed at ${owner}`)
    },
    revokeToken(token: string): void {
      if (!state.tokens.delete(token)) throw new Error('no such token')
    },
    isTokenGranted: (token: string, name: string, permission: string, level: Level): boolean =>
      isTokenGranted(token, repositoryNamed(name), permission, level, state),
    ping: (): void => webhooks.emit('ping', new Payloads(state, addresses).ping(webhooks.url ?? '')),
  }
}
