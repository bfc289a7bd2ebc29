/** Stripe's double, judged by Stripe's own library. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Stripe as StripeLibrary } from 'stripe'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Stripe, startStripe } from './stripe.ts'

let stripe: Stripe
let link: string
beforeEach(async () => {
  stripe = await startStripe({ retryAfterMs: [10, 10] })
  link = stripe.addPaymentLink({ product: 'A garden', amount: 1_250, currency: 'eur' })
})
afterEach(() => stripe.close())

interface Call {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An endpoint that answers so, one after another; the last for all that follow. */
async function endpoint(...answers: readonly number[]): Promise<readonly Call[]> {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    response.writeHead(answers[Math.min(calls.length, answers.length - 1)] ?? 200, { location: '/elsewhere' }).end()
    calls.push({ headers: request.headers, body })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  stripe.sendEventsTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return calls
}

const pay = (reference = '') => fetch(`${link}${reference}`, { method: 'POST' })
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 })
const attempts = () => stripe.payments[0]?.attempts.map(({ answer }) => answer)
const eventOf = (call: Call | undefined, secret = stripe.webhookSecret) =>
  StripeLibrary.webhooks.constructEvent(call?.body ?? '', String(call?.headers['stripe-signature']), secret)

describe('The double of Stripe', () => {
  it('sends what is paid as an event that Stripe’s library believes, with the secret of the account and no other', async () => {
    const calls = await endpoint(200)
    const paid = await pay('?client_reference_id=westage-shop-feat_1')
    expect(await paid.text()).toContain('Paid €12.50')
    await until(() => expect(attempts()).toEqual([200]))
    const event = eventOf(calls[0])
    if (event.type !== 'checkout.session.completed') throw new Error(event.type)
    const { id, payment_status, amount_total, client_reference_id } = event.data.object
    expect(paid.url).toContain(id)
    expect([payment_status, amount_total, client_reference_id]).toEqual(['paid', 1_250, 'westage-shop-feat_1'])
    expect(() => eventOf(calls[0], 'whsec_another')).toThrow('No signatures found matching')
  })

  it('sends it again, signed each time, until it is taken; by a redirect it is not', async () => {
    const calls = await endpoint(503, 302, 200)
    await pay()
    await until(() => expect(attempts()).toEqual([503, 302, 200]))
    expect(new Set(calls.map((call) => eventOf(call).id)).size).toBe(1)
    await pay()
    await until(() => expect(stripe.payments[1]?.attempts).toHaveLength(1))
  })

  it('gives up after its last attempt', async () => {
    await endpoint(500)
    await pay()
    await until(() => expect(attempts()).toEqual([500, 500, 500]))
  })

  it.each(['?client_reference_id=https://shop.localhost', `?client_reference_id=${'a'.repeat(201)}`, ''])(
    'takes nothing for what is paid that Stripe would not: %s',
    async (reference) => {
      const calls = await endpoint(200)
      await pay(reference)
      await until(() => expect(calls).toHaveLength(1))
      expect(eventOf(calls[0]).data.object).toMatchObject({ client_reference_id: null })
    },
  )

  it('has a page to pay on for each link, and for nothing else', async () => {
    expect(await (await fetch(`${link}?client_reference_id=shop-1`)).text()).toMatch(/€12\.50[\s\S]*shop-1/)
    expect((await fetch(`${link}0`)).status).toBe(404)
    expect((await fetch(`${link}0`, { method: 'POST' })).status).toBe(404)
    expect(stripe.payments).toEqual([])
  })
})
