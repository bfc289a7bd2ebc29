/** A payment by a payment link, and what Stripe says of it. */
import { randomBytes } from 'node:crypto'

export interface PaymentLink {
  /** `plink_…` */
  readonly id: string
  readonly product: string
  /** In the currency's smallest unit. */
  readonly amount: number
  /** ISO 4217, in lower case. */
  readonly currency: string
}

export interface CheckoutSession {
  /** `cs_test_…` */
  readonly id: string
  readonly link: PaymentLink
  /** What the link was opened with, null where that was nothing that Stripe takes. */
  readonly clientReferenceId: string | null
  readonly paidAtMs: number
}

/** Stripe: "Customize checkout for Payment Links", URL parameters: anything else is dropped without a word. */
const REFERENCE = /^[A-Za-z0-9_-]{1,200}$/

/** @param reference `client_reference_id` of the link's address, as somebody wrote it */
export const referenceOf = (reference: string | null): string | null =>
  reference !== null && REFERENCE.test(reference) ? reference : null

/** Of an object of Stripe's: its prefix, and characters that nobody else has. */
export const stripeId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`

/** Stripe API: the Event object, the Checkout Session object, `checkout.session.completed`. */
export function completedEvent(session: CheckoutSession, eventId: string): object {
  const created = Math.floor(session.paidAtMs / 1000)
  const { amount, currency, id: paymentLink } = session.link
  return {
    id: eventId,
    object: 'event',
    api_version: '2025-03-31.basil',
    created,
    data: {
      object: {
        id: session.id,
        object: 'checkout.session',
        amount_subtotal: amount,
        amount_total: amount,
        client_reference_id: session.clientReferenceId,
        created,
        currency,
        customer: null,
        customer_details: { email: 'gardener@example.com', name: 'A gardener' },
        livemode: false,
        metadata: {},
        mode: 'payment',
        payment_link: paymentLink,
        payment_status: 'paid',
        status: 'complete',
      },
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'checkout.session.completed',
  }
}
