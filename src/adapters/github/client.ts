import { App } from '@octokit/app'
import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { z } from 'zod'
import { NotReady, Terminal } from '../../domain/errors.ts'
import { abortable } from './abortable.ts'
import { conditionalRequests } from './conditional-requests.ts'
import { type GraphqlAnswer, graphqlAnswer, graphqlUrlOf } from './graphql.ts'
import { installationAuth, neededOf } from './installation-auth.ts'
import { type Meter, unmetered } from './meter.ts'
import { faultOf, RequestFailed, refuseLimited } from './request-faults.ts'
import { sharedFlight } from './shared-flight.ts'
import { ownThrottling } from './throttle.ts'
import { writeBudget } from './write-budget.ts'

export type Log = (level: 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void

export interface ClientOptions {
  readonly apiUrl: string
  readonly appId: number
  /** PEM, PKCS#8 */
  readonly privateKey: string
  readonly userAgent: string
  readonly writesPerMinute: number
  readonly etagCacheBytes: number
  /** A GET or PATCH that fails with 5xx is tried again after this, then after four times this. */
  readonly retryBaseMs: number
  readonly answerTimeoutMs: number
  readonly log: Log
  readonly now: () => number
}

/** As whom a request is sent: the App itself, the installation with this id, or that with a token for one repo. */
type Identity = 'app' | number | ContentsOf

/** An installation whose token may write the contents of this one repo, and nothing else. */
interface ContentsOf {
  readonly installationId: number
  /** Its name without the owner. */
  readonly repository: string
}

type Parameters = Readonly<Record<string, unknown>>

/** GitHub's API for one identity and one piece of work. Every method throws what `faultOf` makes of a failure. */
export interface Api {
  get<T>(route: string, parameters: Parameters, answer: z.ZodType<T>): Promise<T>
  /** The pages of a list, one after the other; `pageOf` reads one. */
  pages<T>(route: string, parameters: Parameters, page: z.ZodType<readonly T[]>): AsyncGenerator<readonly T[]>
  /** POST is never repeated by itself: it may have been done although its answer was lost. */
  write<T>(route: string, parameters: Parameters, answer: z.ZodType<T>): Promise<T>
  /** Where a redirect leads. */
  locationOf(route: string, parameters: Parameters): Promise<string>
  /** A mutation of GraphQL, which is a write. What it says of errors is the caller's to judge, but for rate limits. */
  mutate<T>(mutation: string, variables: Parameters, answer: z.ZodType<T>): Promise<GraphqlAnswer<T>>
}

export interface Client {
  as(identity: Identity, signal: AbortSignal, meter?: Meter): Api
}

/** GitHub: "Using pagination in the REST API". */
const PAGE_SIZE = 100
const RETRIES = 2
/** Of every request. */
export const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

/** GitHub: REST, "Get an installation for the authenticated app". */
const Installation = z.object({ permissions: z.record(z.string(), z.string()) })

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly data: unknown
}

/** octokit with our throttle, retries and conditional requests; nothing in it is shared with another client. */
export function githubClient(options: ClientOptions): Client {
  const { log, now } = options
  const fetchAs = conditionalRequests(options.etagCacheBytes, options.answerTimeoutMs)
  const OwnOctokit = Octokit.plugin(ownThrottling(), retry).defaults({
    baseUrl: options.apiUrl,
    userAgent: options.userAgent,
    log: logOf(log),
    // For the requests of @octokit/auth-app, which are for tokens; `send` has others for its own.
    request: { redirect: 'error', fetch: fetchAs('app', unmetered) },
    retry: {
      retries: RETRIES,
      retryAfterBaseValue: options.retryBaseMs,
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
    },
  })
  const { appId, privateKey } = options
  const app = new App({ appId, privateKey, log: logOf(log), Octokit: OwnOctokit })
  const budget = writeBudget(options.writesPerMinute, now)
  const octokits = new Map<string, Octokit>()
  const openings = new Map<number, (signal: AbortSignal) => Promise<Octokit>>()
  const closedUntilMs = new Map<'app' | number, number>()

  /** Those who need one that is not open yet share one request for it, which the first of them is charged for. */
  async function octokitOf(identity: Identity, signal: AbortSignal, meter: Meter): Promise<Octokit> {
    if (identity === 'app') return app.octokit
    const known = octokits.get(nameOf(identity))
    if (known !== undefined) return known
    if (typeof identity === 'object') return openContents(identity)
    const open =
      openings.get(identity) ??
      sharedFlight(async (stop) => octokits.get(nameOf(identity)) ?? (await openInstallation(identity, stop, meter)))
    openings.set(identity, open)
    return open(signal)
  }

  async function openInstallation(installationId: number, signal: AbortSignal, meter: Meter): Promise<Octokit> {
    const route = 'GET /app/installations/{installation_id}'
    try {
      const asApp = client.as('app', signal, meter)
      const { permissions } = await asApp.get(route, { installation_id: installationId }, Installation)
      const scope = { installationId, permissions: neededOf(permissions) }
      const octokit = new OwnOctokit({ authStrategy: () => installationAuth(app.octokit.auth, scope) })
      octokits.set(nameOf(installationId), octokit)
      return octokit
    } finally {
      openings.delete(installationId)
    }
  }

  function openContents(identity: ContentsOf): Octokit {
    const { installationId, repository } = identity
    const scope = { installationId, repositoryNames: [repository], permissions: { contents: 'write' } }
    const octokit = new OwnOctokit({ authStrategy: () => installationAuth(app.octokit.auth, scope) })
    octokits.set(nameOf(identity), octokit)
    return octokit
  }

  /** GitHub: "Best practices for using the REST API": who goes on asking while limited may be banned. */
  function assertOpen(identity: Identity): void {
    const waitMs = (closedUntilMs.get(limitedWith(identity)) ?? 0) - now()
    if (waitMs > 0) throw new NotReady("GitHub's rate limit is used up", waitMs)
  }

  async function send(
    identity: Identity,
    route: string,
    parameters: Parameters,
    signal: AbortSignal,
    meter: Meter,
  ): Promise<Answer> {
    signal.throwIfAborted()
    assertOpen(identity)
    const [method = '', path = ''] = route.split(' ')
    const limited = limitedWith(identity)
    if (limited !== 'app' && method !== 'GET') budget.spend(limited)
    try {
      const answer = await abortable(signal, async (stop) => {
        const octokit = await octokitOf(identity, stop, meter)
        const ask = (): Promise<Answer> =>
          octokit.request(route, {
            ...parameters,
            headers: HEADERS,
            request: {
              signal: stop,
              redirect: 'manual',
              fetch: fetchAs(nameOf(identity), meter),
              ...(method === 'POST' ? { retries: 0 } : {}),
            },
          })
        return identity === 'app' ? ask() : withFreshToken(octokit, ask)
      })
      refuseLimited(answer)
      return answer
    } catch (error) {
      signal.throwIfAborted()
      const what = `${method} ${filled(path, parameters)}`
      const fault = faultOf(error, what, identity === 'app' ? 'app' : 'installation', now())
      // What is not permitted may have been granted since the token's permissions were chosen.
      if (fault instanceof Terminal) octokits.delete(nameOf(identity))
      if (fault instanceof NotReady) closedUntilMs.set(limited, now() + fault.afterMs)
      throw fault
    }
  }

  const client: Client = {
    as(identity, signal, meter = unmetered) {
      const ask = (route: string, parameters: Parameters) => send(identity, route, parameters, signal, meter)
      const plain = async (route: string, parameters: Parameters) => {
        const answer = await ask(route, parameters)
        if (answer.status < 300) return answer
        throw new RequestFailed(`GitHub: ${filled(route, parameters)}: ${answer.status}, it has moved`, answer.status)
      }
      return {
        get: async (route, parameters, schema) => read((await plain(route, parameters)).data, schema, route),
        write: async (route, parameters, schema) => read((await plain(route, parameters)).data, schema, route),
        async *pages(route, parameters, schema) {
          for (let page = 1; ; page++) {
            const answer = await plain(route, { ...parameters, per_page: PAGE_SIZE, page })
            const items = read(answer.data, schema, route)
            yield items
            // A 304 says nothing of a page that was added after a full one.
            if (items.length < PAGE_SIZE && !String(answer.headers.link ?? '').includes('rel="next"')) return
          }
        },
        async locationOf(route, parameters) {
          const { status, headers } = await ask(route, parameters)
          if (status === 302 && typeof headers.location === 'string') return headers.location
          throw new RequestFailed(`GitHub: ${filled(route, parameters)}: ${status}, not a download`, status)
        },
        mutate: async (query, variables, schema) => {
          const { data } = await plain(`POST ${graphqlUrlOf(options.apiUrl)}`, { query, variables })
          return read(data, graphqlAnswer(schema), 'a mutation')
        },
      }
    },
  }
  return client
}

/** What tokens and cached answers are kept by. */
const nameOf = (identity: Identity): string =>
  typeof identity === 'object' ? `${identity.installationId}/${identity.repository}` : String(identity)

/** GitHub: "Rate limits for the REST API": an installation has one limit, whatever its tokens are for. */
const limitedWith = (identity: Identity): 'app' | number =>
  typeof identity === 'object' ? identity.installationId : identity

/** A token that was revoked before its time, as by a change of permissions, is replaced once. */
async function withFreshToken<T>(octokit: Octokit, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof Error && 'status' in error && error.status === 401)) throw error
    await octokit.auth({ type: 'installation', refresh: true })
    return ask()
  }
}

function read<T>(data: unknown, schema: z.ZodType<T>, route: string): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`GitHub answered ${route} with something else: ${issue?.path.join('.')}: ${issue?.message}`)
}

const filled = (path: string, parameters: Parameters): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]))

const logOf = (log: Log) => ({
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string) => log('warn', message, { from: 'octokit' }),
  error: (message: string) => log('error', message, { from: 'octokit' }),
})
