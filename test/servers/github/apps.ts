/** GitHub: REST, GitHub Apps and installations. */
import type { Hono } from 'hono'
import { z } from 'zod'
import { isGranted, mintToken, requireApp, requireInstallation } from './app-auth.ts'
import { notFound, Refusal } from './errors.ts'
import { appView, installationView } from './installation-view.ts'
import { timestamp } from './json.ts'
import { pageOf } from './pages.ts'
import type { Repository } from './repository.ts'
import { repositoryView } from './repository-view.ts'
import { bodyOf } from './request-body.ts'
import type { Installation, Permissions, State } from './state.ts'
import type { Env, World } from './world.ts'

const TokenRequest = z.strictObject({
  repositories: z.array(z.string()).max(500).optional(),
  repository_ids: z.array(z.int()).max(500).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
})

export function addApps(api: Hono<Env>, { state, addresses }: World): void {
  const installationNumbered = (id: string): Installation => {
    const installation = state.installations.get(Number(id))
    if (installation === undefined) throw notFound()
    return installation
  }

  api.get('/app', (c) => {
    requireApp(c.get('caller'))
    return c.json({ ...appView(state, addresses), installations_count: state.installations.size })
  })

  api.get('/app/installations', (c) => {
    requireApp(c.get('caller'))
    const page = pageOf(c, [...state.installations.values()], addresses.api)
    return c.json(page.map((installation) => installationView(installation, state, addresses)))
  })

  api.get('/app/installations/:id', (c) => {
    requireApp(c.get('caller'))
    return c.json(installationView(installationNumbered(c.req.param('id')), state, addresses))
  })

  api.post('/app/installations/:id/access_tokens', async (c) => {
    requireApp(c.get('caller'))
    const installation = installationNumbered(c.req.param('id'))
    const asked = await bodyOf(c, TokenRequest)
    const repositories = repositoriesOf(installation, asked, state)
    const permissions = permissionsOf(installation, asked.permissions)
    const ids = repositories === null ? null : new Set(repositories.map(({ id }) => id))
    const token = mintToken(state, installation, ids, permissions)
    return c.json(
      {
        token: token.text,
        expires_at: timestamp(token.expiresAtMs),
        permissions,
        repository_selection: 'selected',
        ...(repositories === null ? {} : { repositories: repositories.map((each) => repositoryView(each, addresses)) }),
      },
      201,
    )
  })

  // GitHub: REST, "Revoke an installation access token".
  api.delete('/installation/token', (c) => {
    const { token } = requireInstallation(c.get('caller'))
    state.tokens.delete(token.text)
    return c.body(null, 204)
  })

  api.get('/installation/repositories', (c) => {
    const { installation, token } = requireInstallation(c.get('caller'))
    const all = [...state.repositories.values()].filter(
      ({ id, isDeleted }) => !isDeleted && installation.repositoryIds.has(id) && (token.repositoryIds?.has(id) ?? true),
    )
    const repositories = pageOf(c, all, addresses.api).map((repository) => ({
      ...repositoryView(repository, addresses),
      permissions: { admin: false, maintain: false, push: false, triage: false, pull: false },
    }))
    return c.json({ total_count: all.length, repository_selection: 'selected', repositories })
  })
}

function repositoriesOf(
  installation: Installation,
  { repositories, repository_ids }: z.infer<typeof TokenRequest>,
  state: State,
): Repository[] | null {
  if (repositories === undefined && repository_ids === undefined) return null
  const held = [...state.repositories.values()].filter(
    ({ id, isDeleted }) => !isDeleted && installation.repositoryIds.has(id),
  )
  const found = [
    ...(repositories ?? []).map((name) => held.find((each) => each.name.toLowerCase() === name.toLowerCase())),
    ...(repository_ids ?? []).map((id) => held.find((each) => each.id === id)),
  ]
  const known = found.filter((repository) => repository !== undefined)
  if (known.length === found.length) return [...new Set(known)]
  throw new Refusal(
    422,
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
  )
}

function permissionsOf(installation: Installation, asked: Permissions | undefined): Permissions {
  if (asked === undefined) return installation.permissions
  for (const [name, level] of Object.entries(asked))
    if (!isGranted(installation.permissions, name, level))
      throw new Refusal(422, 'The permissions requested are not granted to this installation.')
  return { ...asked, metadata: 'read' }
}
