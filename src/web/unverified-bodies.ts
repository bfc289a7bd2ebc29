import type { UnreadBody } from './unread-body.ts'

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

  return async <T>(body: UnreadBody, use: (bytes: Uint8Array) => T | Promise<T>): Promise<T | Unread> => {
    if (body.saidBytes > maxBytes) return 'too large'
    const next = async () => {
      try {
        return await body.next()
      } catch {
        return 'cut short' // whoever sends it went away
      }
    }
    let buffer = new Uint8Array(0)
    let length = 0
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      body.giveUp()
    }, deadlineMs)
    try {
      for (;;) {
        const part = await next()
        if (part === 'cut short') return isLate ? 'too slow' : part
        if (part === undefined) break
        const at = length
        length += part.length
        if (length > maxBytes) return 'too large'
        // One buffer rather than the parts: a body that comes byte by byte would take much more than its length.
        const size = length <= buffer.length ? buffer.length : Math.min(maxBytes, Math.max(length, 2 * buffer.length))
        if (totalBytes - buffer.length + size > totalMaxBytes) return 'too many'
        if (size > buffer.length) {
          totalBytes += size - buffer.length
          const larger = new Uint8Array(size)
          larger.set(buffer.subarray(0, at))
          buffer = larger
        }
        buffer.set(part, at)
      }
      if (isLate) return 'too slow'
      clearTimeout(timer)
      return await use(buffer.subarray(0, length))
    } finally {
      clearTimeout(timer)
      body.giveUp()
      totalBytes -= buffer.length
    }
  }
}
