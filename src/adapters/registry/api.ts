/** The API of one repository in a registry, signed in to as the registry asks. OCI distribution spec. */
import { Terminal } from '../../domain/errors.ts'
import type { RegistryAccess } from './access.ts'
import { parseChallenge } from './challenge.ts'
import { apiHostOf, type ImageRepository } from './repository.ts'
import { request } from './request.ts'
import { basicOf, fetchToken } from './token.ts'

type Method = 'HEAD' | 'GET' | 'DELETE'

export interface RepositoryApi {
  readonly image: ImageRepository
  /**
   * @param path below the repository, with a query where it needs one: `manifests/latest`
   * @returns whatever the registry answers but 401 and 403
   * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
   * @throws anything else where it did not answer
   */
  ask(method: Method, path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>
}

/** Opens it without a request. What was signed in with is kept until the registry wants it anew. */
export function repositoryApi(image: ImageRepository, access: RegistryAccess): RepositoryApi {
  const scheme = access.plainHttp ? 'http' : 'https'
  const base = `${scheme}://${apiHostOf(image.registry)}/v2/${image.repository}/`
  /** A token is for what was asked: one that reads may not delete. */
  const signedIn = new Map<'read' | 'delete', string>()
  return {
    image,
    async ask(method, path, headers, signal) {
      const deed = method === 'DELETE' ? 'delete' : 'read'
      const send = (authorization: string | undefined) =>
        request(
          'the registry',
          new URL(path, base),
          { method, headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) } },
          access.authority ?? null,
          signal,
        )
      const first = await send(signedIn.get(deed))
      let answer = first
      if (first.status === 401) {
        const authorization = await authorize(first, image, access, deed, signal)
        answer = await send(authorization)
        if (answer.status !== 401) signedIn.set(deed, authorization)
      }
      if (answer.status !== 401 && answer.status !== 403) return answer
      await answer.body?.cancel()
      throw denied(image, access, deed)
    },
  }
}

async function authorize(
  refusal: Response,
  image: ImageRepository,
  access: RegistryAccess,
  deed: 'read' | 'delete',
  signal: AbortSignal,
): Promise<string> {
  await refusal.body?.cancel()
  const challenge = parseChallenge(refusal.headers.get('www-authenticate') ?? '')
  if (challenge?.scheme === 'bearer') return `Bearer ${await fetchToken(challenge, image, access, signal)}`
  if (challenge?.scheme === 'basic' && access.credentials?.kind === 'password') return basicOf(access.credentials)
  if (challenge?.scheme !== 'basic' || access.credentials === null) throw denied(image, access, deed)
  const why = 'it asks for a password, and there is an identity token for it'
  throw new Terminal(`the registry ${image.registry} can’t be signed in to: ${why}`, { whose: 'operator' })
}

function denied(
  { registry, repository }: ImageRepository,
  { credentials }: RegistryAccess,
  deed: 'read' | 'delete',
): Terminal {
  const what = deed === 'read' ? `read ${repository}` : `delete from ${repository}`
  const why =
    credentials === null ? 'it wants credentials, and registry.authFile has none for it' : 'its credentials are refused'
  return new Terminal(`the registry ${registry} does not let WeStage ${what}: ${why}`, { whose: 'operator' })
}
