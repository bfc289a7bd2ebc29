import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { PreviewKey } from '../domain/key.ts'
import type { Log } from '../ports.ts'
import type { GitOpsBranch } from './gitops-push.ts'
import { type AppNamesOf, keysOf } from './keys-of.ts'
import { senderOf } from './sender.ts'
import { bodyOfRequest } from './unread-body.ts'
import { unverifiedBodies } from './unverified-bodies.ts'

const MB = 1024 * 1024

const BODIES = {
  /** GitHub: "Webhook events and payloads": payloads are capped at 25 MB. */
  maxBytes: 25 * MB,
  totalMaxBytes: 64 * MB,
  /** GitHub: "Best practices for using webhooks": it ends a delivery that is not answered within 10 s. */
  deadlineMs: 10_000,
}
const RETRY_AFTER_SECONDS = 10

export interface WebhookOptions {
  readonly secret: string
  readonly appsOf: AppNamesOf
  readonly gitops: GitOpsBranch
  /** Notes that a preview wants a look; must return at once. */
  readonly enqueue: (key: PreviewKey) => void
  /** Notes that everything wants a look; must return at once. */
  readonly resync: () => void
  /** Notes that the GitOps branch wants a look; must return at once. */
  readonly look: () => void
  readonly log: Log
}

/**
 * Takes GitHub's webhooks at `/`, and those of the host of the GitOps repo. GitHub waits 10 s and redelivers nothing by itself: answer first, and let the resync
 * find what was lost. Answers 202 where something was enqueued, 204 where there was nothing to do, 401 unsigned, 408
 * too slow, 413 too large, 415 not JSON, 400 malformed or cut short, 503 while too much is being sent at once.
 */
export const webhook = ({ secret, appsOf, gitops, enqueue, resync, look, log }: WebhookOptions): Hono => {
  const read = unverifiedBodies(BODIES)
  return new Hono().post('/', async (c) => {
    const sender = senderOf((name) => c.req.header(name), secret)
    if (sender === null) throw new HTTPException(401, { message: 'Not signed' })
    const found = await read(bodyOfRequest(c.req.raw), (bytes) => {
      // The signature is over these, not over what they parse to.
      if (!sender.isProved(bytes)) throw new HTTPException(401, { message: 'Wrong signature' })
      const { event } = sender
      if (event === undefined) throw new HTTPException(400, { message: 'No X-GitHub-Event' })
      if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
        throw new HTTPException(415, { message: 'The webhook must be sent as application/json' })
      }
      return { event, keys: keysOf(event, payloadOf(bytes), appsOf, gitops) }
    })
    if (found === 'too large') throw new HTTPException(413, { message: 'A payload has at most 25 MB' })
    if (found === 'too slow') throw new HTTPException(408, { message: 'A payload is to be here within 10 s' })
    if (found === 'cut short') throw new HTTPException(400, { message: 'The payload is cut short' })
    if (found === 'too many') {
      c.header('Retry-After', String(RETRY_AFTER_SECONDS))
      throw new HTTPException(503, { message: 'Too much is being sent at once' })
    }
    const { event, keys } = found
    if (keys === 'malformed') throw new HTTPException(400, { message: `Not a ${printable(event)} payload` })
    if (keys.length === 0) return c.body(null, 204)
    if (keys === 'everything') resync()
    else if (keys === 'gitops') look()
    else for (const key of keys) enqueue(key)
    const what = typeof keys === 'string' ? keys : `${keys.length} ${keys.length === 1 ? 'preview' : 'previews'}`
    log(`webhook ${printable(event)} ${printable(sender.delivery)}: ${what}`)
    return c.body(null, 202)
  })
}

/** @throws {HTTPException} 400 where the bytes are no JSON object in UTF-8 */
function payloadOf(bytes: Uint8Array): object {
  let payload: unknown
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new HTTPException(400, { message: 'Not JSON', cause })
  }
  if (typeof payload !== 'object' || payload === null) throw new HTTPException(400, { message: 'Not a JSON object' })
  return payload
}

const printable = (header: string): string => header.replace(/[^\w-]/g, '').slice(0, 64)
