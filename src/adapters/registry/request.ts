/** One HTTP request to a registry or to its token server. */
import { fetch as fetchBy } from 'undici'
import type { Authority } from './authority.ts'

const REQUEST_TIMEOUT_MS = 30_000

export interface Question {
  readonly method?: 'HEAD' | 'GET' | 'POST' | 'DELETE'
  readonly headers?: Record<string, string>
  readonly body?: URLSearchParams
  /** Redirects are followed where it is not given. */
  readonly redirect?: 'error'
}

/**
 * @param authority whom to trust beside those that are known; null for these alone
 * @param what how it is called in errors, without credentials or query
 * @throws the signal's reason after an abort, else an error that names the host and the network's own code
 */
export async function request(
  what: string,
  url: URL,
  init: Question,
  authority: Authority | null,
  signal: AbortSignal,
): Promise<Response> {
  try {
    const limited = { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) }
    if (authority === null) return await fetch(url, limited)
    return await fetchBy(url, { ...limited, dispatcher: authority.dispatcher })
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`${what} at ${url.host} did not answer: ${networkFaultOf(error)}`, { cause: error })
  }
}

/** fetch says only `fetch failed`; what failed is its cause. */
function networkFaultOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
