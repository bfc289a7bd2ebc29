/** A connection of which something on its way forgot, as firewalls do: nothing says that, and nothing comes any more. */
import type { Redis } from 'ioredis'

/**
 * Asks Redis every so often whether it is there, and connects anew where it does not say so in time: the client's
 * `commandTimeout`.
 * @returns ends that
 */
export function reconnectWhereSilent(client: Redis, everyMs: number): () => void {
  const ask = () => void client.ping().catch(() => client.disconnect(true))
  const timer = setInterval(ask, everyMs)
  return () => clearInterval(timer)
}
