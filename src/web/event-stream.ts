import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'

/** Proxies drop connections that are silent for a minute. */
const HEARTBEAT_MS = 20_000
/** Then whoever reads connects again by itself, so that nothing is held for a reader who is long gone. */
const CONNECTION_MAX_MS = 600_000

/**
 * A stream of server-sent events (WHATWG HTML, "Server-sent events"), with a heartbeat.
 * @param ending ends every stream: a server that closes waits for its connections
 * @param write writes events until its signal is aborted; what it rejects with then is no error
 * @param failed told of any other error
 */
export function eventStream(
  c: Context,
  ending: AbortSignal,
  write: (stream: SSEStreamingApi, ends: AbortSignal) => Promise<void>,
  failed: (error: unknown) => void = () => {},
): Response {
  // A buffering proxy (nginx) would keep lines back.
  c.header('X-Accel-Buffering', 'no')
  const response = streamSSE(c, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    const ends = AbortSignal.any([ending, gone.signal, AbortSignal.timeout(CONNECTION_MAX_MS)])
    const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS)
    try {
      await stream.write('retry: 2000\n\n')
      await write(stream, ends)
    } catch (error) {
      if (!ends.aborted) failed(error)
    } finally {
      clearInterval(heartbeat)
    }
  })
  response.headers.set('Cache-Control', 'no-store')
  return response
}
