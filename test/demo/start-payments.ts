/** Who is paid at in the demo: a double of Stripe, and what the sample app is told of it. */
import { dump } from 'js-yaml'
import { type Stripe, startStripe } from '../servers/stripe/stripe.ts'

export interface Payments {
  readonly stripe: Stripe
  /** Path in the GitOps repo -> text: what operators put into every preview of the sample app. */
  readonly common: Readonly<Record<string, string>>
}

/** Starts Stripe's double with one payment link. */
export async function startPayments(): Promise<Payments> {
  const stripe = await startStripe()
  const link = stripe.addPaymentLink({ product: 'A garden in a box', amount: 1_200, currency: 'eur' })
  // Of an account for tests, made for this run. Of a real one it would be an ExternalSecret or a SealedSecret.
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'stripe' },
    stringData: { STRIPE_WEBHOOK_SECRET: stripe.webhookSecret, PAYMENT_LINK: link },
  }
  return { stripe, common: { 'common/shop/stripe.yaml': dump(secret) } }
}
