/** GitHub: REST, Check runs and Check suites. */
import type { Context, Hono } from 'hono'
import { requirePermission } from './app-auth.ts'
import { type CheckRunChange, CheckRunCreation, CheckRunUpdate } from './check-run-request.ts'
import { runsOf, statusOf, suiteAt } from './check-suites.ts'
import { checkRunView, checkSuiteView } from './check-view.ts'
import { invalidRequest, notFound, Refusal } from './errors.ts'
import { pageOf } from './pages.ts'
import { type Repository, resolveRef } from './repository.ts'
import { bodyOf } from './request-body.ts'
import { rerequest } from './rerequest.ts'
import type { CheckRun, CheckSuite, State } from './state.ts'
import { Payloads } from './webhook-payloads.ts'
import type { Env, World } from './world.ts'

export function addCheckRuns(repos: Hono<Env>, world: World): void {
  const { state, addresses } = world
  const repositoryToRead = (c: Context<Env>): Repository => {
    requirePermission(c.get('caller'), c.get('repository'), ['checks', 'read'])
    return c.get('repository')
  }
  const repositoryToWrite = (c: Context<Env>): Repository => {
    requirePermission(c.get('caller'), c.get('repository'), ['checks', 'write'])
    return c.get('repository')
  }

  repos.post('/check-runs', async (c) => {
    const repository = repositoryToWrite(c)
    const { name, head_sha: sha, ...change } = await bodyOf(c, CheckRunCreation)
    requireConclusion(change)
    if (!repository.commits.has(sha)) throw new Refusal(422, `No commit found for SHA: ${sha}`)
    const run = createCheckRun(world, repository, state.app.id, name, sha)
    changeCheckRun(world, repository, run, change)
    announce(world, repository, run, 'created')
    if (run.status === 'completed') announceCompletion(world, repository, run)
    return c.json(checkRunView(repository, run, state, addresses), 201)
  })

  repos.patch('/check-runs/:id', async (c) => {
    const repository = repositoryToWrite(c)
    const run = checkRunNumbered(state, repository, c.req.param('id'))
    if (run.appId !== state.app.id)
      throw new Refusal(
        403,
        `Invalid app_id \`${state.app.id}\` - check run can only be modified by the GitHub App that created it.`,
      )
    const change = await bodyOf(c, CheckRunUpdate)
    requireConclusion(change)
    const wasCompleted = run.status === 'completed'
    changeCheckRun(world, repository, run, change)
    if (run.status === 'completed' && !wasCompleted) announceCompletion(world, repository, run)
    return c.json(checkRunView(repository, run, state, addresses))
  })

  repos.get('/check-runs/:id', (c) => {
    const repository = repositoryToRead(c)
    return c.json(checkRunView(repository, checkRunNumbered(state, repository, c.req.param('id')), state, addresses))
  })

  repos.post('/check-runs/:id/rerequest', (c) => {
    const repository = repositoryToWrite(c)
    const run = checkRunNumbered(state, repository, c.req.param('id'))
    if (run.appId !== state.app.id) throw new Refusal(403, 'Forbidden')
    rerequest(world, repository, run, state.bot())
    return c.json({}, 201)
  })

  repos.get('/commits/:ref{.+}/check-runs', (c) => {
    const repository = repositoryToRead(c)
    const commit = resolveRef(repository, c.req.param('ref'))
    if (commit === null) throw new Refusal(422, `No commit found for SHA: ${c.req.param('ref')}`)
    const suites = suitesAt(state, repository, commit.sha, c.req.query('app_id'))
    return c.json(listOf(c, repository, suites))
  })

  repos.get('/commits/:ref{.+}/check-suites', (c) => {
    const repository = repositoryToRead(c)
    const commit = resolveRef(repository, c.req.param('ref'))
    if (commit === null) throw new Refusal(422, `No commit found for SHA: ${c.req.param('ref')}`)
    const name = c.req.query('check_name')
    const suites = suitesAt(state, repository, commit.sha, c.req.query('app_id')).filter(
      (suite) => name === undefined || runsOf(suite, state).some((run) => run.name === name),
    )
    const views = pageOf(c, suites, addresses.api).map((suite) => checkSuiteView(repository, suite, state, addresses))
    return c.json({ total_count: suites.length, check_suites: views })
  })

  repos.get('/check-suites/:id', (c) => {
    const repository = repositoryToRead(c)
    return c.json(checkSuiteView(repository, suiteNumbered(state, repository, c.req.param('id')), state, addresses))
  })

  repos.get('/check-suites/:id/check-runs', (c) => {
    const repository = repositoryToRead(c)
    return c.json(listOf(c, repository, [suiteNumbered(state, repository, c.req.param('id'))]))
  })

  const listOf = (c: Context<Env>, repository: Repository, suites: readonly CheckSuite[]) => {
    const { check_name: name, status, filter = 'latest' } = c.req.query()
    if (filter !== 'latest' && filter !== 'all')
      throw invalidRequest(`"${filter}" is not a member of ["latest", "all"].`)
    const ids = new Set(suites.map(({ id }) => id))
    const runs =
      filter === 'latest'
        ? suites.flatMap((suite) => runsOf(suite, state))
        : [...state.checkRuns.values()].filter(({ suiteId }) => ids.has(suiteId))
    const found = runs
      .filter((run) => (name === undefined || run.name === name) && (status === undefined || run.status === status))
      .sort((a, b) => b.id - a.id)
    return {
      total_count: found.length,
      check_runs: pageOf(c, found, addresses.api).map((run) => checkRunView(repository, run, state, addresses)),
    }
  }
}

/** A new, queued Check run of an App. */
export function createCheckRun(
  { state }: World,
  repository: Repository,
  appId: number,
  name: string,
  sha: string,
): CheckRun {
  const run: CheckRun = {
    id: state.nextId(),
    suiteId: suiteAt(state, repository, appId, sha).suite.id,
    appId,
    name,
    headSha: sha,
    externalId: '',
    detailsUrl: 'https://westage.example',
    status: 'queued',
    conclusion: null,
    startedAtMs: state.now(),
    completedAtMs: null,
    output: { title: null, summary: null, text: null, annotations: 0 },
  }
  state.checkRuns.set(run.id, run)
  return run
}

/** Brings a run to what a request says. A conclusion completes it; any other status takes the conclusion back. */
export function changeCheckRun({ state }: World, repository: Repository, run: CheckRun, change: CheckRunChange): void {
  const nowMs = state.now()
  const { suite } = suiteAt(state, repository, run.appId, run.headSha)
  run.name = change.name ?? run.name
  run.externalId = change.external_id ?? run.externalId
  run.detailsUrl = change.details_url ?? run.detailsUrl
  if (change.started_at !== undefined) run.startedAtMs = Date.parse(change.started_at)
  if (change.output !== undefined) {
    const { title, summary, text, annotations } = change.output
    run.output = {
      title,
      summary,
      text: text ?? run.output.text,
      annotations: run.output.annotations + (annotations?.length ?? 0),
    }
  }
  if (change.conclusion !== undefined) {
    run.status = 'completed'
    run.conclusion = change.conclusion
    run.completedAtMs = change.completed_at === undefined ? nowMs : Date.parse(change.completed_at)
  } else if (change.status !== undefined) {
    run.status = change.status
    run.conclusion = null
    run.completedAtMs = null
  }
  suite.isRerequested = false
  suite.updatedAtMs = nowMs
}

function requireConclusion({ status, completed_at, conclusion }: CheckRunChange): void {
  if ((status === 'completed' || completed_at !== undefined) && conclusion === undefined)
    throw invalidRequest('"conclusion" wasn\'t supplied.')
}

function announce(world: World, repository: Repository, run: CheckRun, action: 'created' | 'completed'): void {
  const { state, addresses, webhooks } = world
  const { suite } = suiteAt(state, repository, run.appId, run.headSha)
  webhooks.emit('check_run', new Payloads(state, addresses).checkRun(action, repository, run, suite, state.bot()))
}

/** A run that completes may complete its suite. */
function announceCompletion(world: World, repository: Repository, run: CheckRun): void {
  const { state, addresses, webhooks } = world
  announce(world, repository, run, 'completed')
  const { suite } = suiteAt(state, repository, run.appId, run.headSha)
  if (statusOf(suite, state) !== 'completed') return
  webhooks.emit('check_suite', new Payloads(state, addresses).checkSuite('completed', repository, suite, state.bot()))
}

function checkRunNumbered(state: State, repository: Repository, id: string): CheckRun {
  const run = state.checkRuns.get(Number(id))
  if (run === undefined || state.checkSuites.get(run.suiteId)?.repositoryId !== repository.id) throw notFound()
  return run
}

function suiteNumbered(state: State, repository: Repository, id: string): CheckSuite {
  const suite = state.checkSuites.get(Number(id))
  if (suite?.repositoryId !== repository.id) throw notFound()
  return suite
}

const suitesAt = (state: State, repository: Repository, sha: string, appId: string | undefined): CheckSuite[] =>
  [...state.checkSuites.values()].filter(
    (suite) =>
      suite.repositoryId === repository.id &&
      suite.headSha === sha &&
      (appId === undefined || suite.appId === Number(appId)),
  )
