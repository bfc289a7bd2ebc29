/** A connection of which something on its way forgot, as firewalls do: nothing says that, and nothing comes any more. */
import type { Redis } from 'ioredis'

/**
 * Asks Redis every so often whether it is there, and connects anew where it does not say so by the next time: ioredis asks
 * again there what was not answered.
 * @returns ends that
 */
export function reconnectWhereSilent(client: Redis, everyMs: number): () => void {
  let isAnswered = true
  const ask = async () => {
    if (!isAnswered) client.disconnect(true)
    isAnswered = false
    await client.ping()
    isAnswered = true
  }
  // Why one fails the client's `error` event says.
  const timer = setInterval(() => void ask().catch(() => undefined), everyMs)
  return () => clearInterval(timer)
}
