export interface BodyLimits {
  /** A body that is larger is not read on. */
  readonly maxBytes: number
  /** What all bodies together take that are read at the same time. */
  readonly totalMaxBytes: number
  /** How long a body may take to come in whole. */
  readonly deadlineMs: number
}

/** Why a body was not read to its end. */
type Unread = 'too large' | 'too many' | 'too slow' | 'cut short'

/**
 * Reads the bodies of requests of which it is not known yet whether they come from whom they should: whoever can reach
 * this port can send them, so that all together are bounded.
 * @returns a function that gives what `use` makes of a request's body, which counts until `use` is done, or why it was
 *   not read
 */
export function unverifiedBodies({ maxBytes, totalMaxBytes, deadlineMs }: BodyLimits) {
  let totalBytes = 0

  return async <T>(request: Request, use: (body: Uint8Array) => T | Promise<T>): Promise<T | Unread> => {
    if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return 'too large'
    const reader = request.body?.getReader()
    const next = async () => {
      try {
        return await reader?.read()
      } catch {
        return 'cut short' // whoever sends it went away
      }
    }
    let buffer = new Uint8Array(0)
    let length = 0
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reader?.cancel().catch(() => undefined) // one that was cut short says so to `read`
    }, deadlineMs)
    try {
      for (;;) {
        const chunk = await next()
        if (chunk === 'cut short') return isLate ? 'too slow' : chunk
        if (chunk?.value === undefined) break
        const at = length
        length += chunk.value.length
        if (length > maxBytes) return 'too large'
        // One buffer rather than the chunks: a body that comes byte by byte would take much more than its length.
        const size = length <= buffer.length ? buffer.length : Math.min(maxBytes, Math.max(length, 2 * buffer.length))
        if (totalBytes - buffer.length + size > totalMaxBytes) return 'too many'
        if (size > buffer.length) {
          totalBytes += size - buffer.length
          const larger = new Uint8Array(size)
          larger.set(buffer.subarray(0, at))
          buffer = larger
        }
        buffer.set(chunk.value, at)
      }
      if (isLate) return 'too slow'
      clearTimeout(timer)
      return await use(buffer.subarray(0, length))
    } finally {
      clearTimeout(timer)
      totalBytes -= buffer.length
    }
  }
}
