/**
 * A double of Stripe on loopback, of what a payment link needs: its page, the Checkout Session that paying makes, and the
 * event that goes to the account's endpoint, signed, and again until it is taken.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { type CheckoutSession, completedEvent, type PaymentLink, referenceOf, stripeId } from './checkout-session.ts'
import { type Attempt, sendEvent } from './endpoint.ts'
import { PAYMENT_PAGE_POLICY, paidPage, payPage } from './payment-pages.ts'

export interface Payment {
  readonly session: CheckoutSession
  /** `evt_…`, of `checkout.session.completed`. */
  readonly eventId: string
  /** What became of the event, in order. */
  readonly attempts: readonly Attempt[]
}

export interface Stripe {
  /** `whsec_…` */
  readonly webhookSecret: string
  /** The payments so far, in order. */
  readonly payments: readonly Payment[]
  /** Makes a payment link. @returns its address; `?client_reference_id=` says what is paid for */
  addPaymentLink(link: Omit<PaymentLink, 'id'>): string
  /** The account's one endpoint, from now on. */
  sendEventsTo(url: string): void
  close(): Promise<void>
}

/** Stripe tries again for days, hours apart: nobody waits here for that. */
const RETRY_AFTER_MS = [500, 1_000, 2_000, 4_000, 8_000]

/** Starts one that has no links yet. @param options.retryAfterMs see EndpointOptions */
export async function startStripe(options: { readonly retryAfterMs?: readonly number[] } = {}): Promise<Stripe> {
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`
  const links = new Map<string, PaymentLink>()
  const payments: Payment[] = []
  const sending = new Set<Promise<void>>()
  const ending = new AbortController()
  const endpoint = {
    secret: webhookSecret,
    retryAfterMs: options.retryAfterMs ?? RETRY_AFTER_MS,
    signal: ending.signal,
  }
  let url: string | null = null

  function pay(link: PaymentLink, clientReferenceId: string | null): CheckoutSession {
    const session = { id: stripeId('cs_test'), link, clientReferenceId, paidAtMs: Date.now() }
    const attempts: Attempt[] = []
    const eventId = stripeId('evt')
    payments.push({ session, eventId, attempts })
    if (url !== null) {
      const sent = sendEvent(url, completedEvent(session, eventId), endpoint, (attempt) => attempts.push(attempt))
        .catch(() => {}) // it was closed
        .finally(() => sending.delete(sent))
      sending.add(sent)
    }
    return session
  }

  const reference = (c: Context) => referenceOf(c.req.query('client_reference_id') ?? null)
  const app = new Hono()
    .use(async (c, next) => {
      c.header('Content-Security-Policy', PAYMENT_PAGE_POLICY)
      c.header('Cache-Control', 'no-store')
      await next()
    })
    .get('/b/:link', (c) => {
      const link = links.get(c.req.param('link'))
      return link === undefined ? c.notFound() : c.html(payPage(link, reference(c)))
    })
    .post('/b/:link', (c) => {
      const link = links.get(c.req.param('link'))
      if (link === undefined) return c.notFound()
      return c.redirect(`/paid/${pay(link, reference(c)).id}`, 303)
    })
    .get('/paid/:session', (c) => {
      const paid = payments.find(({ session }) => session.id === c.req.param('session'))
      return paid === undefined ? c.notFound() : c.html(paidPage(paid.session))
    })
  const listener = getRequestListener(app.fetch)
  const http = createServer((incoming, outgoing) => void listener(incoming, outgoing)).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    webhookSecret,
    payments,
    addPaymentLink(link) {
      const name = randomBytes(8).toString('hex')
      links.set(name, { ...link, id: stripeId('plink') })
      return `http://127.0.0.1:${port}/b/${name}`
    },
    sendEventsTo(to) {
      url = to
    },
    async close() {
      ending.abort()
      await Promise.all(sending)
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}
