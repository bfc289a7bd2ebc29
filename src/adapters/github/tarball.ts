import type { Readable } from 'node:stream'
import { commitIsGone, DownloadFailed, download } from '../archive/download.ts'
import type { Client } from './client.ts'
import type { Installations } from './installations.ts'
import { RequestFailed } from './request-faults.ts'

/**
 * A commit's archive as bytes, as the port says. GitHub: REST, "Download a repository archive (tar)": a redirect to
 * another host, whose address carries a key of its own; our token is not shown there.
 */
export async function tarball(
  client: Client,
  repos: Installations,
  repositoryId: number,
  sha: string,
  userAgent: string,
  signal: AbortSignal,
): Promise<Readable> {
  try {
    return await repos.within(repositoryId, signal, async ({ owner, repo, installationId }) => {
      const route = 'GET /repos/{owner}/{repo}/tarball/{ref}'
      const location = await client.as(installationId, signal).locationOf(route, { owner, repo, ref: sha })
      return await download(new URL(location), userAgent, signal).catch((error: unknown) => {
        throw error instanceof DownloadFailed ? new RequestFailed(error.message, error.status, error.cause) : error
      })
    })
  } catch (error) {
    throw error instanceof RequestFailed && error.status === 404 ? commitIsGone(sha, error) : error
  }
}
