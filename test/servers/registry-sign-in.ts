import { parseChallenge } from '../../src/adapters/registry/challenge.ts'
import { basicOf, fetchToken } from '../../src/adapters/registry/token.ts'
import { REGISTRY_PASSWORD, REGISTRY_USER } from './registry.ts'

/** The headers with which one may push to a repository of a registry that wants a password or a token. */
export async function pushHeaders(host: string, repository: string): Promise<Record<string, string>> {
  const credentials = { kind: 'password', username: REGISTRY_USER, password: REGISTRY_PASSWORD } as const
  const refusal = await fetch(`http://${host}/v2/`)
  const challenge = parseChallenge(refusal.headers.get('www-authenticate') ?? '')
  if (challenge?.scheme !== 'bearer') return { authorization: basicOf(credentials) }
  const wanted = { ...challenge, scope: `repository:${repository}:pull,push` }
  const image = { registry: host, repository }
  const token = await fetchToken(wanted, image, { plainHttp: true, credentials }, new AbortController().signal)
  return { authorization: `Bearer ${token}` }
}
