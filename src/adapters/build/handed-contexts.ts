/** Build contexts that wait for the pods that build them: each is handed out once, to whoever has its token. */
import { createHash, randomBytes } from 'node:crypto'

export interface HandedContexts {
  /**
   * Holds a context ready.
   * @param write gives the archive, once it is asked for
   * @returns the token, and what takes the offer back: an archive that is being read then is cut off
   */
  offer(write: (signal: AbortSignal) => AsyncIterable<Buffer>): { readonly token: string; withdraw(): void }
  /** What was offered under the token, null where nothing is, or not any more. */
  take(token: string): AsyncIterable<Buffer> | null
}

const TOKEN_BYTES = 32

export function handedContexts(): HandedContexts {
  /** By the token's hash, so that how long a look takes tells nothing of tokens. */
  const waiting = new Map<string, () => AsyncIterable<Buffer>>()
  return {
    offer(write) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url')
      const withdrawn = new AbortController()
      waiting.set(hashOf(token), () => write(withdrawn.signal))
      return {
        token,
        withdraw() {
          waiting.delete(hashOf(token))
          withdrawn.abort(new Error('the build has ended'))
        },
      }
    },
    take(token) {
      const write = waiting.get(hashOf(token))
      waiting.delete(hashOf(token))
      return write === undefined ? null : write()
    },
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
