import { z } from 'zod'
import type { ArchiveGrant } from '../../ports.ts'
import type { Client } from './client.ts'
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
    return { url: `${apiUrl.replace(/\/$/, '')}/${path}`, token, sha, userAgent }
  })
