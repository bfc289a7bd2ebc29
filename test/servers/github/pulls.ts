/** GitHub: REST, Pull requests, and the changed files and issue events of one. */
import type { Hono } from 'hono'
import { accountView, nodeIdOf } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { requirePermission } from './app-auth.ts'
import { changedFileViews } from './changed-files.ts'
import { notFound, validationFailed } from './errors.ts'
import { type JsonObject, timestamp } from './json.ts'
import { pageOf } from './pages.ts'
import { listedPullView, pullView } from './pull-view.ts'
import { fullNameOf, type IssueEvent, type PullRequest, type Repository } from './repository.ts'
import type { Env, World } from './world.ts'

const STATES: readonly string[] = ['open', 'closed', 'all']
const SORTS: readonly string[] = ['created', 'updated', 'popularity', 'long-running']
const DIRECTIONS: readonly string[] = ['asc', 'desc']

export function addPulls(repos: Hono<Env>, { addresses }: World): void {
  repos.get('/pulls', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['pull_requests', 'read'])
    const { state = 'open', sort = 'created', direction, head, base } = c.req.query()
    for (const [field, value, allowed] of [
      ['state', state, STATES],
      ['sort', sort, SORTS],
      ['direction', direction ?? 'desc', DIRECTIONS],
    ] as const)
      if (!allowed.includes(value)) throw validationFailed({ resource: 'PullRequest', field, code: 'invalid' })
    const found = [...repository.pulls.values()]
      .filter((pull) => state === 'all' || pull.state === state)
      .filter((pull) => head === undefined || head === `${pull.head.owner.login}:${pull.branch}`)
      .filter((pull) => base === undefined || base === pull.base)
      .sort((a, b) => rankOf(a, sort) - rankOf(b, sort) || a.number - b.number)
    // GitHub: "List pull requests": desc where sort is created or not given, else asc.
    if ((direction ?? (sort === 'created' ? 'desc' : 'asc')) === 'desc') found.reverse()
    return c.json(pageOf(c, found, addresses.api).map((pull) => listedPullView(repository, pull, addresses)))
  })

  repos.get('/pulls/:number', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['pull_requests', 'read'])
    return c.json(pullView(repository, pullNumbered(repository, c.req.param('number')), addresses))
  })

  repos.get('/pulls/:number/files', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['pull_requests', 'read'])
    const pull = pullNumbered(repository, c.req.param('number'))
    return c.json(pageOf(c, changedFileViews(repository, pull, addresses), addresses.api))
  })

  repos.get('/issues/:number/events', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['issues', 'read'], ['pull_requests', 'read'])
    const { events } = pullNumbered(repository, c.req.param('number'))
    return c.json(pageOf(c, events, addresses.api).map((event) => eventView(repository, event, addresses)))
  })
}

function pullNumbered(repository: Repository, number: string): PullRequest {
  const pull = repository.pulls.get(Number(number))
  if (pull === undefined) throw notFound()
  return pull
}

const rankOf = (pull: PullRequest, sort: string): number => (sort === 'updated' ? pull.updatedAtMs : pull.createdAtMs)

const eventView = (repository: Repository, event: IssueEvent, addresses: Addresses): JsonObject => ({
  id: event.id,
  node_id: nodeIdOf('IssueEvent', event.id),
  url: `${addresses.api}/repos/${fullNameOf(repository)}/issues/events/${event.id}`,
  actor: accountView(event.actor, addresses),
  event: event.event,
  commit_id: null,
  commit_url: null,
  created_at: timestamp(event.atMs),
  performed_via_github_app: null,
  ...(event.label === null ? {} : { label: { name: event.label, color: 'ededed' } }),
  ...(event.rename === null ? {} : { rename: event.rename }),
})
