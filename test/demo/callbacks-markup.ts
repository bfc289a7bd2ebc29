/** WeHook in the demo's page: the newest payments, and what each running preview made of them. */
import { html } from 'hono/html'
import { priceOf } from '../servers/stripe/payment-pages.ts'
import type { Payment } from '../servers/stripe/stripe.ts'
import type { GotCallback, PaymentAtPreviews } from './got-callbacks.ts'

export function callbackRows(payments: readonly PaymentAtPreviews[]) {
  if (payments.length === 0) {
    return html`<p class="none callback">No payment yet. Press Pay in one of two live previews, then on Stripe’s page: both get Stripe’s callback.</p>`
  }
  return html`${payments.map(
    ({ payment, got }) => html`<div class="callback">
<span class="about"><span class="name">${priceOf(payment.session.link)} paid</span>
<span class="soft">for <code>${payment.session.clientReferenceId ?? 'nobody'}</code> · <time data-at="${payment.session.paidAtMs}"></time></span></span>
<span class="gots">${takenBadge(payment)}${got.map(gotBadge)}</span></div>`,
  )}`
}

/** Nothing to say where WeHook took it at once, which is how it should be. */
function takenBadge({ attempts }: Payment) {
  const last = attempts.at(-1)
  if (last?.answer === 200) return ''
  const words = last === undefined ? 'Stripe calls WeHook' : `WeHook answered ${last.answer}`
  return html`<span class="badge ${last === undefined ? 'busy' : 'bad'}"><span class="dot"></span>${words}</span>`
}

const gotBadge = ({ pull, state }: GotCallback) =>
  html`<span class="badge ${TONES[state]}"><span class="dot"></span>#${pull} ${WORDS[state]}</span>`

const TONES: Readonly<Record<GotCallback['state'], string>> = {
  paid: 'good',
  'not its own': 'still',
  waits: 'busy',
  'does not say': 'bad',
}

const WORDS: Readonly<Record<GotCallback['state'], string>> = {
  paid: 'is paid',
  'not its own': 'got it, not its own',
  waits: 'gets it',
  'does not say': 'does not say',
}
