/** What providers' own libraries sign is believed, and what reaches a preview they believe in turn. */
import { createHmac } from 'node:crypto'
import { Webhooks } from '@octokit/webhooks'
import { Webhook } from 'standardwebhooks'
import { Stripe } from 'stripe'
import { afterEach, describe, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, stripeSignature } from './given.ts'

const SECRETS = { OF_STRIPE: 'whsec_one', OF_STRIPE_NEXT: 'whsec_two', OF_GITHUB: "It's a Secret to Everybody" }
const STANDARD = `whsec_${Buffer.from('of twenty-four bytes or so').toString('base64')}`
const PARTNER = '4f1c77a09b2e4f1c77a09b2e'
const SLACK = '8f742231b10e8888abcd99yyyzzz85a5'
const SOURCES = [
  { name: 'stripe', check: 'stripe', secrets: ['OF_STRIPE', 'OF_STRIPE_NEXT'] },
  { name: 'github', check: 'github', secrets: ['OF_GITHUB'] },
  { name: 'standard', check: 'standard-webhooks', secrets: ['OF_STANDARD'] },
  { name: 'slack', check: 'slack', secrets: ['OF_SLACK'] },
  ...[{ name: 'hmac', check: 'hmac', secrets: ['OF_HMAC'], header: 'X-Signature', encoding: 'base64', prefix: 'v=' }],
  { name: 'partner', check: 'none', secrets: ['OF_PARTNER'] },
]
const BODY = '{"id":"evt_1","object":"event","text":"caf\u00e9\\u2028"}'

let here: GivenWeHook
afterEach(() => here.close())

/** All sources, each taken at `/<source>`. */
const given = () =>
  givenWeHook(
    [{ pull: 1, callbacks: SOURCES.map(({ name }) => ({ source: name, path: `/${name}` })) }],
    { sources: SOURCES },
    { ...SECRETS, OF_STANDARD: STANDARD, OF_SLACK: SLACK, OF_HMAC: 'of hmac', OF_PARTNER: PARTNER },
  )

/** Calls a source, and gives what reached the preview: the body as text, and its headers by name. */
async function through(source: string, headers: Readonly<Record<string, string>>, body = BODY, nth = 1) {
  expect(await answerTo(source, headers, body)).toEqual({ status: 200, body: 'Taken\n' })
  await here.until(() => expect(here.apps.reached(1)).toHaveLength(nth))
  const reached = here.apps.reached(1).at(-1)
  const pairs = (reached?.headers ?? []).flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1] ?? '']] : []))
  return { body: reached?.body.toString() ?? '', headers: Object.fromEntries(pairs) as Record<string, string> }
}

const answerTo = (source: string, headers: Readonly<Record<string, string>>, body = BODY) =>
  here.call({ path: `/hooks/${source}`, headers: Object.entries(headers).flat(), body: Buffer.from(body) })

const statusOf = async (source: string, headers: Readonly<Record<string, string>>) =>
  (await answerTo(source, headers)).status

const refusedOf = async (source: string, headers: Readonly<Record<string, string>>, body = BODY) => {
  const { status, body: words } = await answerTo(source, headers, body)
  expect(status).toBe(401)
  return words
}

describe('Stripe', () => {
  const stripe = new Stripe('sk_test_none')
  const header = (secret: string, seconds = Math.floor(Date.now() / 1000)) =>
    stripe.webhooks.generateTestHeaderString({ payload: BODY, secret, timestamp: seconds })

  it.each([SECRETS.OF_STRIPE, SECRETS.OF_STRIPE_NEXT])('signs with %s, of two secrets', async (secret) => {
    here = await given()
    const { body, headers } = await through('stripe', { 'Stripe-Signature': header(secret) })
    expect(stripe.webhooks.constructEvent(body, headers['Stripe-Signature'] ?? '', secret)).toMatchObject({
      id: 'evt_1',
    })
  })

  it('is not believed with another secret, too early, or too late', async () => {
    here = await given()
    expect(await refusedOf('stripe', { 'Stripe-Signature': header('whsec_three') })).toContain(
      'not signed with a secret',
    )
    for (const seconds of [-400, 400]) {
      const at = Math.floor(Date.now() / 1000) + seconds
      const words = await refusedOf('stripe', { 'Stripe-Signature': header(SECRETS.OF_STRIPE, at) })
      expect(words).toMatch(/was signed \d+ s from now/)
    }
  })
})

it('is believed as far from now as its source says', async () => {
  const source = { name: 'stripe', check: 'stripe', secrets: ['OF_STRIPE'], tolerance: '10m' }
  here = await givenWeHook([], { sources: [source] }, SECRETS)
  const at = (secondsAgo: number) => stripeSignature(Buffer.from(BODY), Date.now() - secondsAgo * 1000, 'whsec_one')
  expect(await statusOf('stripe', { 'Stripe-Signature': at(590) })).toBe(200)
  expect(await statusOf('stripe', { 'Stripe-Signature': at(610) })).toBe(401)
})

describe('GitHub', () => {
  const webhooks = new Webhooks({ secret: SECRETS.OF_GITHUB })

  it('signs what octokit verifies', async () => {
    here = await given()
    const { body, headers } = await through('github', { 'X-Hub-Signature-256': await webhooks.sign(BODY) })
    expect(await webhooks.verify(body, headers['X-Hub-Signature-256'] ?? '')).toBe(true)
  })

  it('signs as its documentation shows', async () => {
    here = await given()
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    await through('github', { 'X-Hub-Signature-256': signature }, 'Hello, World!')
    await refusedOf('github', { 'X-Hub-Signature-256': signature }, 'Hello, World.')
  })
})

describe('Standard Webhooks', () => {
  it('signs what its library verifies', async () => {
    here = await given()
    const webhook = new Webhook(STANDARD)
    const now = new Date()
    const signed = (id: string, body: string) => ({
      ...{ 'webhook-id': id, 'webhook-timestamp': String(Math.floor(now.getTime() / 1000)) },
      'webhook-signature': `v1a,other ${webhook.sign(id, now, body)}`,
    })
    const { body, headers } = await through('standard', signed('msg_1', BODY))
    expect(webhook.verify(body, headers)).toMatchObject({ id: 'evt_1' })
    await refusedOf('standard', signed('msg_2', '{}'))
  })

  it('is not believed too early, too late, with another id, or twice', async () => {
    here = await given()
    const webhook = new Webhook(STANDARD)
    const signed = (at: Date, id = 'msg_1') => ({
      ...{ 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) },
      'webhook-signature': webhook.sign('msg_1', at, BODY),
    })
    for (const apartMs of [-400_000, 400_000]) {
      expect(await refusedOf('standard', signed(new Date(Date.now() + apartMs)))).toMatch(/was signed \d+ s from now/)
    }
    const now = new Date()
    expect(await refusedOf('standard', signed(now, 'msg_2'))).toContain('not signed with a secret')
    await through('standard', signed(now))
    expect(await statusOf('standard', signed(now))).toBe(409)
    await through('standard', signed(new Date(now.getTime() + 1000)), BODY, 2)
  })
})

describe('Slack', () => {
  /** Slack: "Verifying requests from Slack". */
  const signed = (seconds: number, body: string) => ({
    'X-Slack-Request-Timestamp': String(seconds),
    'X-Slack-Signature': `v0=${createHmac('sha256', SLACK).update(`v0:${seconds}:${body}`).digest('hex')}`,
  })

  it('signs time and body', async () => {
    here = await given()
    const seconds = Math.floor(Date.now() / 1000)
    await through('slack', signed(seconds, BODY))
    await refusedOf('slack', signed(seconds, '{}'))
    expect(await refusedOf('slack', signed(seconds - 400, BODY))).toMatch(/was signed \d+ s from now/)
    expect(await statusOf('slack', signed(seconds, BODY))).toBe(409)
  })

  it('is answered, signed, what it asks for where the address is registered, and no preview gets that', async () => {
    here = await given()
    const seconds = Math.floor(Date.now() / 1000)
    const question = '{"token":"a","challenge":"3eZbrw1aBm2rZgRNFdxV2595","type":"url_verification"}'
    expect(await answerTo('slack', signed(seconds, question), question)).toEqual({
      ...{ status: 200, body: '3eZbrw1aBm2rZgRNFdxV2595' },
    })
    await refusedOf('slack', {}, question)
    const notJson = '{ is no JSON'
    expect((await through('slack', signed(seconds, notJson), notJson)).body).toBe(notJson)
  })
})

describe('others', () => {
  it('sign with an HMAC in a header of their own', async () => {
    here = await given()
    const signature = createHmac('sha256', 'of hmac').update(BODY).digest('base64')
    await through('hmac', { 'X-Signature': `v=${signature}` })
    await refusedOf('hmac', { 'X-Signature': signature })
    await refusedOf('hmac', { 'X-Signature': `v=${signature}` }, '{}')
  })

  it.each([
    ['sha1', 'hex'],
    ['sha256', 'hex'],
    ['sha512', 'base64'],
  ] as const)('sign with an HMAC of %s in %s', async (algorithm, encoding) => {
    const source = { name: 'hmac', check: 'hmac', secrets: ['OF_HMAC', 'OF_HMAC_NEXT'], header: 'X-Signature' }
    const sources = [{ ...source, algorithm, encoding }]
    here = await givenWeHook([], { sources }, { OF_HMAC: 'one', OF_HMAC_NEXT: 'two' })
    const answered = (secret: string) =>
      statusOf('hmac', { 'x-signature': createHmac(algorithm, secret).update(BODY).digest(encoding) })
    expect([await answered('one'), await answered('two'), await answered('three')]).toEqual([200, 200, 401])
  })

  it('do not sign, and are known by an address that nobody guesses, which no preview and no page gets to know', async () => {
    here = await given()
    const body = Buffer.from(BODY)
    for (const segment of ['', '/', '/another', `/${PARTNER}x`, `/x/${PARTNER}`]) {
      expect((await here.call({ path: `/hooks/partner${segment}`, body })).status).toBe(401)
    }
    expect((await here.call({ path: `/hooks/partner/${PARTNER}/more?a=b`, body })).status).toBe(200)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
    expect(here.apps.reached(1)[0]?.url).toBe('/partner/more?a=b')
    expect(JSON.stringify(here.apps.reached(1)[0])).not.toContain(PARTNER)
    expect(await (await here.get('/')).text()).not.toContain(PARTNER)
  })
})
