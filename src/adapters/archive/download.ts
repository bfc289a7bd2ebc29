import { Readable } from 'node:stream'
import { Terminal } from '../../domain/errors.ts'

/** An archive did not come. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed'
  constructor(
    message: string,
    /** 0 where there was no answer. */
    readonly status: number,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

/** How long GitHub may take to begin; it packs what was not asked for lately. */
const TIMEOUT_MS = 60_000

/** @returns the bytes at an address that carries its own key @throws {DownloadFailed} */
export async function download(url: URL, userAgent: string, signal: AbortSignal): Promise<Readable> {
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
    throw new DownloadFailed(`GitHub: the archive at ${url.host}: ${response.status}`, response.status)
  } catch (error) {
    unlisten()
    signal.throwIfAborted()
    if (error instanceof DownloadFailed) throw error
    throw new DownloadFailed(`GitHub: the archive at ${url.host} did not come`, 0, error)
  } finally {
    clearTimeout(timer)
  }
}

/** What a 404 of an archive means, in a repo that is there. */
export const commitIsGone = (sha: string, cause: unknown): Terminal =>
  new Terminal(`Commit ${sha.slice(0, 7)} is gone from the repo: another one was forced into its place.`, { cause })
