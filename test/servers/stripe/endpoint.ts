/** The one webhook endpoint of the account: events go there, signed, until it takes them. */
import { setTimeout as delay } from 'node:timers/promises'
import { stripeSignatureOf } from './signature.ts'

export interface Attempt {
  readonly atMs: number
  /** The status of the answer, or why there was none. */
  readonly answer: number | string
}

export interface EndpointOptions {
  readonly secret: string
  /** How long after an attempt that failed the next one comes, each; none after the last. */
  readonly retryAfterMs: readonly number[]
  /** Ends what is under way. */
  readonly signal: AbortSignal
}

/** Stripe: "Webhooks", timeouts; an answer that takes longer is none. */
const ANSWER_MAX_MS = 10_000

/**
 * Sends an event until it is answered with 2xx; redirects are failures. Each attempt is signed anew: "Stripe generates
 * the timestamp and signature each time we send an event to your endpoint".
 * @param tried told of each attempt
 */
export async function sendEvent(
  url: string,
  event: object,
  { secret, retryAfterMs, signal }: EndpointOptions,
  tried: (attempt: Attempt) => void,
): Promise<void> {
  const body = JSON.stringify(event, null, 2)
  for (const waitMs of [0, ...retryAfterMs]) {
    if (waitMs > 0) await delay(waitMs, undefined, { signal })
    const answer = await answerTo(url, body, stripeSignatureOf(body, secret), signal)
    tried({ atMs: Date.now(), answer })
    if (typeof answer === 'number' && answer >= 200 && answer < 300) return
  }
}

async function answerTo(url: string, body: string, signature: string, signal: AbortSignal): Promise<Attempt['answer']> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'stripe-signature': signature,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MAX_MS)]),
    })
    await response.body?.cancel()
    return response.status
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof Error ? error.message : String(error)
  }
}
