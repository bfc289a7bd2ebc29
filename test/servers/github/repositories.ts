/** GitHub: REST, repositories; and how every path below one finds it, by name, by former name or by id. */
import type { Hono, MiddlewareHandler } from 'hono'
import { canSee, requireApp, requirePermission } from './app-auth.ts'
import { moved, notFound } from './errors.ts'
import { installationView } from './installation-view.ts'
import { fullNameOf } from './repository.ts'
import { fullRepositoryView } from './repository-view.ts'
import type { Env, World } from './world.ts'

/**
 * Finds the repo of `/repos/:owner/:repo/…` and `/repositories/:id/…`.
 * A former name is answered with the way to `/repositories/:id/…`: 301 for a GET, else 307.
 */
export const findsRepository =
  ({ state, addresses }: World): MiddlewareHandler<Env> =>
  async (c, next) => {
    const [owner, repo, id] = ['owner', 'repo', 'repositoryId'].map((name) => c.req.param(name))
    const repository =
      id === undefined
        ? state.repositoryNamed(`${owner ?? ''}/${repo ?? ''}`)
        : (state.repositories.get(Number(id)) ?? null)
    if (repository === null || !canSee(c.get('caller'), repository)) throw notFound()
    if (id === undefined && fullNameOf(repository).toLowerCase() !== `${owner}/${repo}`.toLowerCase()) {
      const { pathname, search } = new URL(c.req.url)
      const rest = pathname.replace(/^\/repos\/[^/]+\/[^/]+/, '')
      const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
      throw moved(isRead, `${addresses.api}/repositories/${repository.id}${rest}${search}`)
    }
    c.set('repository', repository)
    await next()
  }

export function addRepositories(repos: Hono<Env>, { state, addresses }: World): void {
  repos.get('/', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['metadata', 'read'])
    return c.json(fullRepositoryView(repository, addresses))
  })

  repos.get('/installation', (c) => {
    requireApp(c.get('caller'))
    const installation = state.installationOf(c.get('repository'))
    if (installation === null) throw notFound()
    return c.json(installationView(installation, state, addresses))
  })
}
