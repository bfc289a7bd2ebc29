import { boundedMap } from './bounded-map.ts'
import type { Meter } from './meter.ts'

interface Stored {
  readonly etag: string
  readonly headers: Headers
  readonly body: ArrayBuffer
}

/** What an entry takes beside its body: key, headers, bookkeeping. */
const OVERHEAD_BYTES = 2_000

/** What octokit calls `fetch` with. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * A `fetch` for octokit that asks GitHub only for what changed. JSON answers are kept with their ETag, at most
 * `maxBytes` of them, and given again on 304, which costs nothing of the rate limit (GitHub: "Best practices for using
 * the REST API", conditional requests). A body is read to its end here: one that is cut is an error, never less data.
 * @param timeoutMs how long an answer may take to come in whole
 * @returns one `fetch` per identity, because what GitHub shows depends on who asks
 */
export function conditionalRequests(maxBytes: number, timeoutMs: number): (identity: string, meter: Meter) => Fetch {
  const stored = boundedMap<Stored>(maxBytes, ({ body }) => body.byteLength + OVERHEAD_BYTES)

  return (identity, meter) => async (url, init) => {
    const isGet = init.method === 'GET'
    const key = `${identity} ${url}`
    const known = isGet ? stored.get(key) : undefined
    const headers = new Headers(init.headers)
    if (known !== undefined) headers.set('if-none-match', known.etag)
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout])
    const response = await fetch(url, { ...init, headers, signal })
    meter.count(response)
    if (response.status === 304 && known !== undefined) {
      return new Response(known.body, { status: 200, headers: known.headers })
    }
    if (!isJson(response)) return response
    const body = await response.arrayBuffer()
    const plain = withoutEncoding(response.headers)
    const etag = response.headers.get('etag')
    if (isGet && response.status === 200 && etag !== null) stored.set(key, { etag, headers: plain, body })
    return new Response(body, { status: response.status, headers: plain })
  }
}

const isJson = ({ headers }: Response): boolean => headers.get('content-type')?.includes('json') === true

/** The body was decoded on its way in (Fetch standard, "handle content codings"). */
function withoutEncoding(headers: Headers): Headers {
  const plain = new Headers(headers)
  plain.delete('content-encoding')
  plain.delete('content-length')
  return plain
}
