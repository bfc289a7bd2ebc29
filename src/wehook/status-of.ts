/** Requests of whose answers the status alone matters. */
import { type Dispatcher, errors } from 'undici'

export interface StatusOptions {
  /** Milliseconds from now until the status is to be there, whatever interim answers come before. */
  readonly headMaxMs: number
  /** More of an answer's body is not read, and not waited for: the connection is closed. */
  readonly bodyMaxBytes: number
  readonly bodyMaxMs: number
  readonly signal: AbortSignal
}

/**
 * Sends a request, and reads its answer without keeping any of it.
 * @returns the status, whatever becomes of the answer's body
 * @throws the signal's reason, or why there is no status; not before undici has let go of the request's body
 */
export function statusOf(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { headMaxMs, bodyMaxBytes, bodyMaxMs, signal }: StatusOptions,
): Promise<number> {
  if (signal.aborted) return Promise.reject(signal.reason)
  const lateMs = performance.now() + headMaxMs
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null
    let status = 0
    let bytes = 0
    let timer: NodeJS.Timeout | undefined
    const abort = () => controller?.abort(signal.reason)
    const ended = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort)
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started
        if (signal.aborted) abort() // while it was being connected
      },
      onResponseStart(answer, statusCode) {
        // RFC 9110, 15.2: an interim answer, after which undici waits for the head as long again.
        if (statusCode >= 200) {
          status = statusCode
          timer = setTimeout(() => answer.abort(new errors.BodyTimeoutError()), bodyMaxMs)
        } else if (performance.now() > lateMs) answer.abort(new errors.HeadersTimeoutError())
      },
      onResponseData(answer, chunk) {
        bytes += chunk.length
        if (bytes > bodyMaxBytes) answer.abort(new errors.ResponseExceededMaxSizeError())
      },
      onResponseEnd() {
        ended()
        resolve(status)
      },
      onResponseError(_, error) {
        ended()
        if (status === 0 || signal.aborted) reject(error)
        else resolve(status)
      },
    })
  })
}
