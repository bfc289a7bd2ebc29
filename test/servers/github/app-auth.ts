/** Who asks, and what they may. GitHub: "Authenticating with a GitHub App", "Permissions required for GitHub Apps". */
import { createVerify, type KeyObject, randomBytes } from 'node:crypto'
import { badCredentials, notAccessible, notFound, Refusal } from './errors.ts'
import { clientIdOf } from './installation-view.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import type { Repository } from './repository.ts'
import type { Installation, Level, Permissions, State, Token } from './state.ts'

export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'app' }
  | { readonly kind: 'installation'; readonly installation: Installation; readonly token: Token }

/** GitHub: "Generating a JSON Web Token", at most 10 minutes. */
const JWT_MAX_S = 600
/** GitHub: "Create an installation access token for an app": they expire one hour from when they were made. */
const TOKEN_LIFE_MS = 3_600_000
/** Clocks differ: an `iat` that is a little ahead is let pass. */
const IAT_LEEWAY_S = 60

/**
 * Who an `Authorization` header speaks for.
 * @throws {Refusal} 401 for anything that is there and not right, 403 for a suspended installation
 */
export function callerOf(authorization: string | undefined, state: State, publicKey: KeyObject): Caller {
  if (authorization === undefined) return { kind: 'nobody' }
  const [scheme, credential = ''] = authorization.split(' ')
  if (!/^(bearer|token)$/i.test(scheme ?? '')) throw badCredentials()
  if (credential.split('.').length === 3) {
    verifyJwt(credential, state, publicKey)
    return { kind: 'app' }
  }
  const token = state.tokens.get(credential)
  if (token === undefined || token.expiresAtMs <= state.now()) throw badCredentials()
  const installation = state.installations.get(token.installationId)
  if (installation === undefined) throw badCredentials()
  if (installation.suspendedAtMs !== null) throw suspended()
  return { kind: 'installation', installation, token }
}

function verifyJwt(jwt: string, state: State, publicKey: KeyObject): void {
  const [head = '', body = '', signature = ''] = jwt.split('.')
  const header = decoded(head)
  const claims = decoded(body)
  if (header === null || claims === null || header.alg !== 'RS256') throw unreadable()
  const isOurs = createVerify('RSA-SHA256').update(`${head}.${body}`).verify(publicKey, signature, 'base64url')
  if (!isOurs) throw unreadable()
  const { iat, exp, iss } = claims
  const nowS = Math.floor(state.now() / 1000)
  if (typeof exp !== 'number' || exp <= nowS)
    throw refusedClaim(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  if (typeof iat !== 'number' || iat > nowS + IAT_LEEWAY_S)
    throw refusedClaim(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  if (exp - Math.max(iat, nowS - JWT_MAX_S) > JWT_MAX_S + IAT_LEEWAY_S || exp > nowS + JWT_MAX_S + IAT_LEEWAY_S)
    throw refusedClaim("'Expiration time' claim ('exp') is too far in the future")
  if (String(iss) !== String(state.app.id) && iss !== clientIdOf(state)) throw new Refusal(404, 'Integration not found')
}

const refusedClaim = (message: string): Refusal => new Refusal(401, message)
const unreadable = (): Refusal => refusedClaim('A JSON web token could not be decoded')
const suspended = (): Refusal => new Refusal(403, 'This installation has been suspended')

function decoded(part: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isJsonObject(value) ? value : null
  } catch {
    return null
  }
}

/** The endpoints under `/app` take the App's JWT and nothing else. */
export function requireApp(caller: Caller): void {
  if (caller.kind !== 'app') throw unreadable()
}

/** The endpoints under `/installation` take an installation's token and nothing else. */
export function requireInstallation(caller: Caller): { installation: Installation; token: Token } {
  if (caller.kind === 'nobody') throw new Refusal(401, 'Requires authentication')
  if (caller.kind === 'app') throw notAccessible([])
  return caller
}

/** Whether a caller is shown that a repo exists at all. */
export function canSee(caller: Caller, repository: Repository): boolean {
  if (repository.isDeleted) return false
  if (!repository.isPrivate) return true
  if (caller.kind === 'app') return true
  return caller.kind === 'installation' && reaches(caller, repository)
}

/**
 * Lets a request pass where one of `accepted` is granted on this repo.
 * @throws {Refusal} 404 for what may not be seen, 401 for the App's JWT, 403 naming the permission otherwise
 */
export function requirePermission(
  caller: Caller,
  repository: Repository,
  ...accepted: readonly (readonly [string, Level])[]
): void {
  if (caller.kind === 'app') throw badCredentials()
  const isReadOnly = accepted.every(([, level]) => level === 'read')
  if (caller.kind === 'nobody') {
    if (repository.isPrivate) throw notFound()
    if (isReadOnly) return
    throw new Refusal(401, 'Requires authentication')
  }
  if (!repository.isPrivate && isReadOnly && !reaches(caller, repository)) return
  const granted = grantedBy(caller)
  if (reaches(caller, repository) && accepted.some(([name, level]) => isGranted(granted, name, level))) return
  throw notAccessible(accepted.map(([name, level]) => `${name}=${level}`))
}

const reaches = ({ installation, token }: Extract<Caller, { kind: 'installation' }>, { id }: Repository): boolean =>
  installation.repositoryIds.has(id) && (token.repositoryIds === null || token.repositoryIds.has(id))

/** What a token may is what it was given and its installation still has. */
const grantedBy = ({ installation, token }: Extract<Caller, { kind: 'installation' }>): Permissions =>
  Object.fromEntries(
    Object.entries(token.permissions).flatMap(([name, level]) => {
      const held = installation.permissions[name]
      return held === undefined ? [] : [[name, held === 'read' ? held : level]]
    }),
  )

export const isGranted = (permissions: Permissions, name: string, level: Level): boolean =>
  permissions[name] === 'write' || (level === 'read' && permissions[name] === 'read')

/** Whether a token gives `level` of a permission on a repo: what a git server beside this double asks. */
export function isTokenGranted(
  text: string,
  repository: Repository,
  name: string,
  level: Level,
  state: State,
): boolean {
  const token = state.tokens.get(text)
  const installation = state.installations.get(token?.installationId ?? 0)
  if (token === undefined || installation === undefined || installation.suspendedAtMs !== null) return false
  if (token.expiresAtMs <= state.now()) return false
  const caller = { kind: 'installation', installation, token } as const
  return reaches(caller, repository) && isGranted(grantedBy(caller), name, level)
}

/** A new token of an installation, at most as far as that reaches. */
export function mintToken(
  state: State,
  installation: Installation,
  repositoryIds: ReadonlySet<number> | null,
  permissions: Permissions,
): Token {
  if (installation.suspendedAtMs !== null) throw suspended()
  const token: Token = {
    text: `ghs_${randomBytes(18).toString('hex')}`,
    installationId: installation.id,
    repositoryIds,
    permissions,
    expiresAtMs: state.now() + TOKEN_LIFE_MS,
  }
  state.tokens.set(token.text, token)
  return token
}
