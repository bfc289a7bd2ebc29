/** One HTTP request to a registry or to its token server. */

const REQUEST_TIMEOUT_MS = 30_000

/**
 * @param what how it is called in errors, without credentials or query
 * @throws the signal's reason after an abort, else an error that names the host and the network's own code
 */
export async function request(what: string, url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) })
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
