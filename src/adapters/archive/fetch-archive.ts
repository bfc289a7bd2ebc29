import type { Readable } from 'node:stream'
import type { ArchiveGrant } from '../../ports.ts'
import { commitIsGone, DownloadFailed, download } from './download.ts'

/** How long GitHub may take to say where the archive is. */
const TIMEOUT_MS = 30_000

/** GitHub: REST, "Follow redirects": where a repo is that was renamed, by its id. */
const MOVED = [301, 307, 308]

/**
 * The archive that a grant is for. GitHub: REST, "Download a repository archive (tar)": a redirect to another host, whose
 * address carries a key of its own; the token is not shown there.
 * @throws {Terminal} (author) the commit is gone
 * @throws {DownloadFailed}
 */
export async function fetchArchive(grant: ArchiveGrant, signal: AbortSignal): Promise<Readable> {
  const { sha, userAgent } = grant
  const asked = new URL(grant.url)
  const first = await whereIs(asked, grant, signal)
  const isMoved = MOVED.includes(first.status) && first.location?.origin === asked.origin
  const { status, location } = isMoved ? await whereIs(first.location, grant, signal) : first
  const { host } = asked
  if (status === 404) throw commitIsGone(sha, new Error(`GitHub: ${host}: 404`))
  if (status !== 302 || location === null)
    throw new DownloadFailed(`GitHub: ${host} did not say where the archive is: ${status}`, status)
  return await download(location, userAgent, signal).catch((error: unknown) => {
    throw error instanceof DownloadFailed && error.status === 404 ? commitIsGone(sha, error) : error
  })
}

/** What GitHub answers to the token. @throws {DownloadFailed} nothing */
async function whereIs(
  url: URL,
  { token, userAgent }: ArchiveGrant,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly location: URL | null }> {
  const answer = await fetch(url, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, 'user-agent': userAgent },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new DownloadFailed(`GitHub: ${url.host} did not say where the archive is`, 0, error)
  })
  await answer.body?.cancel()
  const location = answer.headers.get('location')
  return { status: answer.status, location: location === null ? null : new URL(location, url) }
}
