import { createHmac } from 'node:crypto'

/** The header `Stripe-Signature`, as of a time. Stripe: "Verify webhook signatures manually". */
export function stripeSignatureOf(body: string | Uint8Array, secret: string, atMs = Date.now()): string {
  const seconds = Math.floor(atMs / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex')}`
}
