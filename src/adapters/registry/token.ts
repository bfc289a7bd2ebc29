/** Tokens for registries. Distribution project: "Token Authentication Specification". */
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { Credentials, RegistryAccess } from './access.ts'
import type { Challenge } from './challenge.ts'
import type { ImageRepository } from './repository.ts'
import { type Question, request } from './request.ts'

const TokenSchema = z.object({ token: z.string().min(1).optional(), access_token: z.string().min(1).optional() })

/** HTTP Basic. RFC 7617. */
export const basicOf = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/**
 * Asks the server that a challenge names for a token to pull from `image`, anonymously where there are no credentials.
 * @throws {Terminal} (operator) the credentials are refused, or the server is reached by plain HTTP across a network
 * @throws anything else where the server did not answer as it should
 */
export async function fetchToken(
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  image: ImageRepository,
  { plainHttp, credentials, authority = null }: RegistryAccess,
  signal: AbortSignal,
): Promise<string> {
  const url = realmOf(challenge.realm, image.registry, plainHttp)
  const what = `the token server of ${image.registry}`
  const wanted = new URLSearchParams({ scope: challenge.scope ?? `repository:${image.repository}:pull` })
  if (challenge.service !== null) wanted.set('service', challenge.service)
  const response = await request(what, ...questionOf(url, wanted, credentials), authority, signal)
  if (!response.ok) await response.body?.cancel()
  if (response.status === 401 || response.status === 403) {
    const whom = credentials === null ? 'without credentials' : 'with the credentials of registry.authFile'
    throw new Terminal(`${what} gives no token for ${image.repository} ${whom}`, { whose: 'operator' })
  }
  if (!response.ok) throw new Error(`${what} answered ${response.status}`)
  const body: unknown = await response.json().catch(() => null) // a parser's error would quote the token
  signal.throwIfAborted()
  const { token, access_token } = TokenSchema.safeParse(body).data ?? {}
  const given = token ?? access_token
  if (given === undefined) throw new Error(`${what} answered without a token`)
  return given
}

/**
 * An identity token is exchanged by POST, as a refresh token; a password is sent by GET, which every server knows.
 * Distribution project: "Token Authentication Specification", and "Docker Registry v2 authentication using OAuth2".
 */
function questionOf(url: URL, wanted: URLSearchParams, credentials: Credentials | null): [URL, Question] {
  if (credentials?.kind === 'identity token') {
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'westage' })
    for (const [name, value] of [...wanted, ['refresh_token', credentials.token] as const]) body.set(name, value)
    return [url, { method: 'POST', body, redirect: 'error' }]
  }
  const asked = new URL(url)
  for (const [name, value] of wanted) asked.searchParams.set(name, value)
  const headers: Record<string, string> = credentials === null ? {} : { authorization: basicOf(credentials) }
  return [asked, { headers, redirect: 'error' }]
}

function realmOf(realm: string, registry: string, plainHttp: boolean): URL {
  if (!URL.canParse(realm)) throw new Error(`${registry} names a token server that is no URL`)
  const url = new URL(realm)
  url.username = ''
  url.password = ''
  const isPrivate = url.protocol === 'https:' || (url.protocol === 'http:' && (plainHttp || isLoopback(url.hostname)))
  if (isPrivate) return url
  throw new Terminal(`${registry} names a token server that is not https: ${url.origin}`, { whose: 'operator' })
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname)
