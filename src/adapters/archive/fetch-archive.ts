import type { Readable } from 'node:stream'
import type { ArchiveGrant } from '../../ports.ts'
import { commitIsGone, DownloadFailed, download } from './download.ts'

/** How long GitHub may take to say where the archive is. */
const TIMEOUT_MS = 30_000

/**
 * The archive that a grant is for. GitHub: REST, "Download a repository archive (tar)": a redirect to another host, whose
 * address carries a key of its own; the token is not shown there.
 * @throws {Terminal} (author) the commit is gone
 * @throws {DownloadFailed}
 */
export async function fetchArchive(
  { url, token, sha, userAgent }: ArchiveGrant,
  signal: AbortSignal,
): Promise<Readable> {
  const { host } = new URL(url)
  const answer = await fetch(url, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, 'user-agent': userAgent },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new DownloadFailed(`GitHub: ${host} did not say where the archive is`, 0, error)
  })
  await answer.body?.cancel()
  const location = answer.headers.get('location')
  if (answer.status === 404) throw commitIsGone(sha, new Error(`GitHub: ${host}: 404`))
  if (answer.status !== 302 || location === null)
    throw new DownloadFailed(`GitHub: ${host} did not say where the archive is: ${answer.status}`, answer.status)
  return await download(new URL(location, url), userAgent, signal).catch((error: unknown) => {
    throw error instanceof DownloadFailed && error.status === 404 ? commitIsGone(sha, error) : error
  })
}
