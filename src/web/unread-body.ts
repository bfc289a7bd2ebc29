/** The body of a request, as it comes in. */
import type { IncomingMessage } from 'node:http'

export interface UnreadBody {
  /** Bytes that it says it has, 0 where it does not say so. */
  readonly saidBytes: number
  /**
   * What has come since, or undefined at the end, and once it was given up.
   * @throws where it is cut short
   */
  next(): Promise<Uint8Array | undefined>
  /** It is not waited for any more. What is left of it is the server's. */
  giveUp(): void
}

export function bodyOfRequest({ headers, body }: Request): UnreadBody {
  const reader = body?.getReader()
  return {
    saidBytes: Number(headers.get('content-length') ?? 0),
    next: async () => (await reader?.read())?.value,
    giveUp() {
      reader?.cancel().catch(() => undefined) // one that was cut short says so to `next`
    },
  }
}

/** The same of a request as Node.js has it, without the Request and the web stream that would be made of it. */
export function bodyOfIncoming(incoming: IncomingMessage): UnreadBody {
  const parts: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false })
  let giveUp = () => {}
  const givenUp = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined)
  })
  const part = async () => {
    const { done, value } = await parts.next()
    return done === true ? undefined : value
  }
  return {
    saidBytes: Number(incoming.headers['content-length'] ?? 0),
    next: () => Promise.race([part(), givenUp]),
    giveUp() {
      giveUp()
      parts.return?.().catch(() => undefined) // it may be cut short only now
    },
  }
}
