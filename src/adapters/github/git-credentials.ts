import { z } from 'zod'
import type { Client } from './client.ts'
import { faultOfAsking, installationOf, repositoryIn } from './gitops-repo.ts'

export interface GitCredentials {
  readonly username: string
  readonly password: string
}

const TokenSchema = z.object({ token: z.string(), expires_at: z.iso.datetime({ offset: true }) })

interface Token {
  readonly token: string
  readonly expiresAtMs: number
}

const RENEWED_BEFORE_MS = 5 * 60_000
const TIMEOUT_MS = 60_000

/**
 * Credentials for git over HTTP: an installation token that may write the contents of this one repo and nothing else,
 * asked for when it is needed and kept until five minutes before it expires (GitHub: "Authenticating as a GitHub App
 * installation", HTTP-based Git access).
 * @param gitUrl `https://github.com/acme/previews.git`
 * @returns what is asked before each request, and with a password that was refused, which is not given again then:
 *   a token may be revoked before it expires
 * @throws {Terminal} (operator) from the function that is returned: the App is not installed there, or may not write
 * @throws {Terminal} (operator) at once: the URL is not one of this GitHub's, which must not be handed a token
 */
export function gitCredentials(
  client: Client,
  apiUrl: string,
  gitUrl: string,
  now: () => number,
): (refused?: string) => Promise<GitCredentials> {
  const repository = repositoryIn(gitUrl, apiUrl)
  let pending: Promise<Token> | null = null

  return async (refused) => {
    const asked = current()
    const { token, expiresAtMs } = await asked
    const isGood = token !== refused && now() < expiresAtMs - RENEWED_BEFORE_MS
    if (!isGood && pending === asked) pending = null
    return { username: 'x-access-token', password: isGood ? token : (await current()).token }
  }

  function current(): Promise<Token> {
    const asked = pending ?? ask()
    pending = asked
    asked.catch(() => {
      if (pending === asked) pending = null
    })
    return asked
  }

  async function ask(): Promise<Token> {
    const api = client.as('app', AbortSignal.timeout(TIMEOUT_MS))
    try {
      const id = await installationOf(api, repository)
      const answer = await api.write(
        'POST /app/installations/{installation_id}/access_tokens',
        { installation_id: id, repositories: [repository.repo], permissions: { contents: 'write' } },
        TokenSchema,
      )
      return { token: answer.token, expiresAtMs: Date.parse(answer.expires_at) }
    } catch (error) {
      throw faultOfAsking(error, repository)
    }
  }
}
