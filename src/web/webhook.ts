import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { PreviewKey } from '../domain/key.ts'
import type { Log } from '../ports.ts'
import { type AppNamesOf, keysOf } from './keys-of.ts'
import { isSignature, isSigned } from './signature.ts'

/** GitHub: "Webhook events and payloads": payloads are capped at 25 MB. */
const PAYLOAD_MAX_BYTES = 25 * 1024 * 1024

export interface WebhookOptions {
  readonly secret: string
  readonly appsOf: AppNamesOf
  /** Notes that a preview wants a look; must return at once. */
  readonly enqueue: (key: PreviewKey) => void
  /** Notes that everything wants a look; must return at once. */
  readonly resync: () => void
  readonly log: Log
}

/**
 * Takes GitHub's webhooks at `/`. GitHub waits 10 s and redelivers nothing by itself: answer first, and let the resync
 * find what was lost. Answers 202 where something was enqueued, 204 where there was nothing to do, 401 unsigned, 413
 * too large, 415 not JSON, 400 malformed.
 */
export const webhook = ({ secret, appsOf, enqueue, resync, log }: WebhookOptions): Hono =>
  new Hono().post(
    '/',
    async (c, next) => {
      // Whoever can't sign gets no body read.
      if (!isSignature(c.req.header('x-hub-signature-256'))) throw new HTTPException(401, { message: 'Not signed' })
      await next()
    },
    bodyLimit({ maxSize: PAYLOAD_MAX_BYTES, onError: refuseLarge }),
    async (c) => {
      const bytes = new Uint8Array(await c.req.arrayBuffer()) // the signature is over these, not over what they parse to
      const signature = c.req.header('x-hub-signature-256') ?? ''
      if (!isSigned(bytes, signature, secret)) throw new HTTPException(401, { message: 'Wrong signature' })
      const event = c.req.header('x-github-event')
      if (event === undefined) throw new HTTPException(400, { message: 'No X-GitHub-Event' })
      if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
        throw new HTTPException(415, { message: 'The webhook must be sent as application/json' })
      }
      const found = keysOf(event, payloadOf(bytes), appsOf)
      if (found === 'malformed') throw new HTTPException(400, { message: `Not a ${printable(event)} payload` })
      if (found.length === 0) return c.body(null, 204)
      if (found === 'everything') resync()
      else for (const key of found) enqueue(key)
      const what = found === 'everything' ? found : `${found.length} ${found.length === 1 ? 'preview' : 'previews'}`
      log(`webhook ${printable(event)} ${printable(c.req.header('x-github-delivery') ?? '')}: ${what}`)
      return c.body(null, 202)
    },
  )

function refuseLarge(): never {
  throw new HTTPException(413, { message: 'A payload has at most 25 MB' })
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
