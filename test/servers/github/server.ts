/** The gate and the routes: what every request passes on its way. */
import { type KeyObject, randomUUID } from 'node:crypto'
import { type ErrorHandler, Hono, type MiddlewareHandler } from 'hono'
import { callerOf } from './app-auth.ts'
import { addApps } from './apps.ts'
import { addCheckRuns } from './check-runs.ts'
import { addContents } from './contents.ts'
import { addDeploymentStatuses } from './deployment-statuses.ts'
import { addDeployments } from './deployments.ts'
import { notFound, Refusal } from './errors.ts'
import { etags } from './etags.ts'
import type { Faults } from './faults.ts'
import { addGraphql } from './graphql.ts'
import { addPulls } from './pulls.ts'
import type { RateLimits } from './rate-limits.ts'
import { addRepositories, findsRepository } from './repositories.ts'
import type { Repository } from './repository.ts'
import { type LoggedRequest, logged, recorded } from './request-log.ts'
import { addTarballs } from './tarballs.ts'
import type { Env, World } from './world.ts'

/** GitHub: "API Versions". */
const API_VERSIONS = ['2022-11-28', '2026-03-10']

export interface Gate {
  readonly publicKey: KeyObject
  readonly limits: RateLimits
  /** GraphQL's own, in points. */
  readonly points: RateLimits
  readonly faults: Faults
  readonly log: LoggedRequest[]
  readonly recordTo: string | null
  readonly mergeInto: (repository: Repository, branch: string, merged: string) => void
}

export function serverOf(world: World, gate: Gate): Hono<Env> {
  const server = new Hono<Env>()
  server.onError(answerOf)
  server.notFound((c) => c.json({ ...notFound().body }, 404))
  server.use(logged(gate.log))
  if (gate.recordTo !== null) server.use(recorded(gate.recordTo))
  server.use(identified)
  server.use(gate.faults.middleware)

  const repos = new Hono<Env>()
  addRepositories(repos, world)
  addPulls(repos, world)
  addCheckRuns(repos, world)
  addDeployments(repos, world, gate.mergeInto)
  addDeploymentStatuses(repos, world)
  addContents(repos, world)
  addTarballs(repos, server, world)

  server.use(requireManners)
  server.use(async (c, next) => {
    c.set('caller', callerOf(c.req.header('authorization'), world.state, gate.publicKey))
    await next()
  })
  server.get('/rate_limit', (c) => {
    const core = gate.limits.view(c.get('caller'))
    return c.json({ resources: { core, search: core }, rate: core })
  })
  addGraphql(server, world, gate.points)
  server.use(countedBy(gate.limits))
  server.use(etags)
  addApps(server, world)
  for (const path of ['/repos/:owner/:repo', '/repositories/:repositoryId']) {
    server.use(path, findsRepository(world))
    server.use(`${path}/*`, findsRepository(world))
    server.route(path, repos)
  }
  return server
}

const identified: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  if (c.env.outgoing.destroyed) return
  c.res.headers.set('x-github-request-id', randomUUID())
  c.res.headers.set('x-github-media-type', 'github.v3; format=json')
}

/** GitHub: REST, "Getting started": a User-Agent is required, a version must be one there is, a body must be JSON. */
const requireManners: MiddlewareHandler<Env> = async (c, next) => {
  if ((c.req.header('user-agent') ?? '') === '')
    throw new Refusal(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    )
  const version = c.req.header('x-github-api-version')
  if (version !== undefined && !API_VERSIONS.includes(version))
    throw new Refusal(400, `${version} is not a supported version.`)
  const accept = c.req.header('accept') ?? '*/*'
  if (!/\*\/\*|application\/(\*|json|vnd\.github)/.test(accept))
    throw new Refusal(415, `Unsupported 'Accept' header: '${accept}'. Must accept 'application/json'.`)
  const type = c.req.header('content-type')
  if (type !== undefined && !/^application\/(json|vnd\.github[^;]*json)/.test(type) && (await c.req.text()) !== '')
    throw new Refusal(415, `Unsupported 'Content-Type' header: '${type}'.`)
  await next()
}

/** Every answer but 304 costs one of the caller's hour. */
const countedBy =
  (limits: RateLimits): MiddlewareHandler<Env> =>
  async (c, next) => {
    const caller = c.get('caller')
    limits.admit(caller)
    await next()
    if (c.res.status !== 304) limits.spend(caller)
    for (const [name, value] of Object.entries(limits.headers(caller))) c.res.headers.set(name, value)
  }

/** A refusal as GitHub words it; anything else is a fault of this double and says so. */
const answerOf: ErrorHandler<Env> = (error, c) =>
  error instanceof Refusal
    ? c.json({ ...error.body }, error.status, { ...error.headers })
    : c.json({ message: `The double failed: ${error.stack ?? error.message}` }, 500)
