import { Readable } from 'node:stream'
import { Terminal } from '../../domain/errors.ts'
import type { Client } from './client.ts'
import type { Installations } from './installations.ts'
import { RequestFailed } from './request-faults.ts'

/** How long GitHub may take to begin; it packs what was not asked for lately. */
const TIMEOUT_MS = 60_000

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
      return download(new URL(location), userAgent, signal)
    })
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.status !== 404) throw error
    throw new Terminal(`Commit ${sha.slice(0, 7)} is gone from the repo: another one was forced into its place.`, {
      cause: error,
    })
  }
}

async function download(url: URL, userAgent: string, signal: AbortSignal): Promise<Readable> {
  signal.throwIfAborted()
  const stop = new AbortController()
  const onAbort = () => stop.abort(signal.reason)
  const unlisten = () => signal.removeEventListener('abort', onAbort)
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => stop.abort(new Error('it did not begin within a minute')), TIMEOUT_MS)
  try {
    const response = await fetch(url, { headers: { 'user-agent': userAgent }, signal: stop.signal })
    if (response.status === 200 && response.body !== null) {
      // Where it is cut before anybody reads it, whoever does is thrown that; without a listener it ends the process.
      return Readable.fromWeb(response.body)
        .once('close', unlisten)
        .on('error', () => {})
    }
    stop.abort()
    throw new RequestFailed(`GitHub: the archive at ${url.host}: ${response.status}`, response.status)
  } catch (error) {
    unlisten()
    signal.throwIfAborted()
    if (error instanceof RequestFailed) throw error
    throw new RequestFailed(`GitHub: the archive at ${url.host} did not come`, 0, error)
  } finally {
    clearTimeout(timer)
  }
}
