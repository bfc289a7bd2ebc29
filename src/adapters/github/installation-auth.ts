import { z } from 'zod'

/** What the requests of this adapter need (GitHub: "Permissions required for GitHub Apps"). */
export const NEEDED = {
  checks: 'write',
  deployments: 'write',
  contents: 'read',
  pull_requests: 'read',
  metadata: 'read',
} as const

const Authentication = z.object({ token: z.string() })
const Endpoint = z.looseObject({ headers: z.record(z.string(), z.unknown()) })

/** As @octokit/app's own `auth` takes it: a token is kept and asked for again by what it may do. */
export type Authenticate = (options: Readonly<Record<string, unknown>>) => Promise<unknown>

interface Request {
  (endpoint: unknown): Promise<unknown>
  readonly endpoint: { merge(route: unknown, parameters: unknown): unknown }
}

/** What a token is for: everything of it that @octokit/app's `auth` is asked with. */
export interface Scope {
  readonly installationId: number
  readonly permissions: Readonly<Record<string, string>>
  /** All that the installation has where it is not given. */
  readonly repositoryNames?: readonly string[]
}

/**
 * What tokens of an installation may do for the pull requests' repos: what WeStage needs and no more. The App may be
 * allowed to write contents, for the GitOps repo, and a token for a pull request's repo never is.
 * @param granted the installation's own permissions: a token that asks for more is refused as a whole
 */
export const neededOf = (granted: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(NEEDED).flatMap(([name, level]) => {
      const given = granted[name]
      return given === undefined ? [] : [[name, given === 'write' ? level : 'read']]
    }),
  )

/** An authentication strategy of octokit for one installation, whose tokens are for that and no more. */
export function installationAuth(authenticate: Authenticate, scope: Scope) {
  const auth = (options: Readonly<Record<string, unknown>> = {}) =>
    authenticate({ ...options, type: 'installation', ...scope })
  const hook = async (request: Request, route: unknown, parameters: unknown) => {
    const { token } = Authentication.parse(await auth())
    const endpoint = Endpoint.parse(request.endpoint.merge(route, parameters))
    return request({ ...endpoint, headers: { ...endpoint.headers, authorization: `token ${token}` } })
  }
  return Object.assign(auth, { hook })
}
