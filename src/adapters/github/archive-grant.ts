import { z } from 'zod'
import type { ArchiveGrant } from '../../ports.ts'
import { type Client, HEADERS } from './client.ts'
import type { Installations } from './installations.ts'

const TokenSchema = z.object({ token: z.string() })

/**
 * A token for whoever fetches an archive without being told anything else (GitHub: REST, "Create an installation access
 * token for an app"): it reads the contents of this one repo, for an hour, and can do nothing else.
 */
export const archiveGrant = (
  client: Client,
  repos: Installations,
  apiUrl: string,
  repositoryId: number,
  sha: string,
  userAgent: string,
  signal: AbortSignal,
): Promise<ArchiveGrant> =>
  repos.within(repositoryId, signal, async ({ owner, repo, installationId }) => {
    const { token } = await client.as('app', signal).write(
      'POST /app/installations/{installation_id}/access_tokens',
      {
        installation_id: installationId,
        repository_ids: [repositoryId],
        permissions: { contents: 'read' },
      },
      TokenSchema,
    )
    const path = ['repos', owner, repo, 'tarball', sha].map(encodeURIComponent).join('/')
    return { url: `${baseOf(apiUrl)}/${path}`, token, sha, userAgent }
  })

/**
 * GitHub: REST, "Revoke an installation access token": by the token itself, and no other token of the installation goes
 * with it.
 * @throws where GitHub did not do so; 401 says that it is none any more
 */
export async function revokeGrant(
  { token, userAgent }: ArchiveGrant,
  apiUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await fetch(`${baseOf(apiUrl)}/installation/token`, {
    ...{ method: 'DELETE', redirect: 'error', signal },
    headers: { ...HEADERS, authorization: `Bearer ${token}`, 'user-agent': userAgent },
  })
  await answer.body?.cancel()
  if (answer.status !== 204 && answer.status !== 401) {
    throw new Error(`GitHub: DELETE /installation/token: ${answer.status}`)
  }
}

const baseOf = (apiUrl: string): string => apiUrl.replace(/\/$/, '')
