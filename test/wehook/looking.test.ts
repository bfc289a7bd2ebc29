/** What people see of callbacks, and callbacks that they send again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replayCallback } from '../../src/wehook/replay-callback.ts'
import { openFront } from './front.ts'
import { type GivenWeHook, givenWeHook, STRIPE, stripeSignature } from './given.ts'
import { wordsOf } from './page-words.ts'

const TOKEN = 'a-token-of-people'
const BODY = Buffer.from('{"id":"evt_1","card":"4242 & <b>"}')

let here: GivenWeHook
/** The id of the callback that both previews have had. */
let id = ''
beforeEach(async () => {
  const previews = [1, 2].map((pull) => ({ pull, callbacks: [STRIPE] }))
  here = await givenWeHook(previews, {}, { WEHOOK_TOKEN: TOKEN })
  await here.pay(BODY, { path: '/hooks/stripe/charge' })
  for (const pull of [1, 2]) await here.until(() => expect(here.apps.reached(pull)).toHaveLength(1))
  await here.until(async () => {
    const page = await (await here.get('/')).text()
    for (const pull of [1, 2]) expect(wordsOf(page)).toMatch(deliveredAt(pull))
    id = /callbacks\/([0-9a-f]+)"/.exec(page)?.[1] ?? ''
  })
})
afterEach(() => here.close())

/** State, attempts, latency, answer. */
const deliveredAt = (pull: number) => new RegExp(`shop/pr-${pull} delivered 1 attempt (\\d+ ms|\\d\\.\\d s) 200 `)
/** Where the form with this button is sent, from a page at that path; null where there is none. */
function buttonOf(page: string, words: string, path: string): string | null {
  const [, action] =
    new RegExp(`<form method="post" action="([^"]+)">[^/]*<button[^>]*>${words}</button>`).exec(page) ?? []
  return action === undefined ? null : new URL(action, `http://here.test${path}`).pathname
}

const signedIn = { authorization: `Bearer ${TOKEN}` }

describe('the list', () => {
  it.each(['stripe', 'CHARGE', 'pr-2', '200', 'delivered', 'pr-2%20200', '%20stripe%20'])(
    'finds a callback by %s',
    async (words) => {
      expect(await (await here.get(`/?q=${words}`)).text()).toContain(id)
    },
  )

  it('has of each delivery its state, attempts, latency and answer', async () => {
    here.apps.answers(2, 503)
    await here.pay(Buffer.from('{}'), { path: '/hooks/stripe/refund' })
    await here.until(async () => {
      const page = wordsOf(await (await here.get('/?q=refund')).text())
      expect(page).toMatch(deliveredAt(1))
      expect(page).toMatch(/shop\/pr-2 waiting [2-9] attempts (\d+ ms|\d\.\d s) 503 /)
    })
  })

  it('is WeHook’s own', async () => {
    expect(await (await here.get('/')).text()).toContain('<title>Callbacks · WeHook</title>')
  })

  it('does not show what has none of the words, and no body to anybody', async () => {
    expect(await (await here.get('/?q=elsewhere')).text()).not.toContain(id)
    expect(await (await here.get('/', signedIn)).text()).not.toContain('4242')
  })
})

it('the query of a path, which is not shown to everybody, is found by who is signed in alone', async () => {
  await here.pay(Buffer.from('{}'), { path: '/hooks/stripe/paid?token=hunter2' })
  const found = async (headers: Readonly<Record<string, string>> = {}) =>
    await (await here.get('/?q=hunter', headers)).text()
  expect(await found(signedIn)).toContain('token=hunter2')
  expect(await found()).toContain('None that has this')
})

it.each(['X-Shopify-Hmac-Sha256', 'Paypal-Transmission-Sig', 'X-Acme-Proof', 'X-Api-Key'])(
  'a header that signs or lets somebody in is not shown: %s',
  async (header) => {
    await here.close()
    const sources = [
      { name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] },
      { name: 'acme', check: 'hmac', header: 'x-acme-proof', secrets: ['STRIPE_SECRET'] },
    ]
    here = await givenWeHook([], { sources }, { WEHOOK_TOKEN: TOKEN })
    await here.pay(BODY, { headers: [header, 'hunter2'] })
    const [, which = ''] = /callbacks\/([0-9a-f]+)"/.exec(await (await here.get('/')).text()) ?? []
    const inside = await (await here.get(`/callbacks/${which}`, signedIn)).text()
    expect(inside).toContain(`${header}: (redacted)`)
    expect(inside).not.toContain('hunter2')
  },
)

describe('a callback', () => {
  it('shows its deliveries to everybody, its inside to who is signed in, without what signs it', async () => {
    const open = await (await here.get(`/callbacks/${id}`)).text()
    expect(open).toContain('shop/pr-1 stripe /webhooks/stripe')
    expect(open).not.toContain('4242')
    const inside = await (await here.get(`/callbacks/${id}`, signedIn)).text()
    expect(inside).toContain('4242 &amp; &lt;b&gt;')
    expect(inside).toContain('Stripe-Signature: (redacted)')
    expect(inside).not.toContain('v1=')
  })

  it('is seen by a browser that gave the token once, and not by one that gave another', async () => {
    expect((await here.form('/sign-in', { token: 'another-token' })).status).toBe(401)
    const answer = await here.form('/sign-in', { token: TOKEN })
    expect(answer.status).toBe(303)
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/)
    expect(cookie).not.toContain(TOKEN)
    const inside = await here.get(`/callbacks/${id}`, { cookie: cookie.split(';')[0] ?? '' })
    expect(await inside.text()).toContain('4242')
  })

  it('is nowhere under another id', async () => {
    expect((await here.get('/callbacks/0000')).status).toBe(404)
  })
})

describe('a callback that is sent again', () => {
  it('reaches all that take it, or the one that is named, as the same delivery', async () => {
    expect(await replayCallback({ server: here.url(), token: TOKEN, id, to: null })).toBe(2)
    for (const pull of [1, 2]) await here.until(() => expect(here.apps.reached(pull)).toHaveLength(2))
    expect(await replayCallback({ server: here.url(), token: TOKEN, id, to: 'shop/pr-2' })).toBe(1)
    await here.until(() => expect(here.apps.reached(2)).toHaveLength(3))
    expect(here.apps.reached(1)).toHaveLength(2)
    const deliveries = here.apps.reached(2).map(({ headers }) => headers[headers.indexOf('WeHook-Delivery') + 1])
    expect(new Set(deliveries).size).toBe(1)
    expect(here.apps.reached(2).every(({ body }) => body.equals(BODY))).toBe(true)
  })

  it.each(['', '/'])('is sent by a WeHook that is at a path of its host, written with %j behind it', async (end) => {
    const front = await openFront('/wehook', here.url())
    expect(await replayCallback({ server: `${front.url}${end}`, token: TOKEN, id, to: 'shop/pr-1' })).toBe(1)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(2))
    await front.close()
  })

  it.each([
    { page: 'the list', words: 'Send again', path: () => '/' },
    { page: 'its own page', words: 'Send it again', path: () => `/callbacks/${id}` },
  ])('is sent by a button of $page, which is there for who is signed in', async ({ words, path }) => {
    expect(buttonOf(await (await here.get(path())).text(), words, path())).toBe(null)
    const action = buttonOf(await (await here.get(path(), signedIn)).text(), words, path())
    const pressed = await here.form(action ?? 'no button', {}, signedIn)
    expect(pressed.status).toBe(303)
    expect(new URL(pressed.headers.get('location') ?? '', `${here.url()}${action}`).pathname).toBe(`/callbacks/${id}`)
    for (const pull of [1, 2]) await here.until(() => expect(here.apps.reached(pull)).toHaveLength(2))
  })

  it('is not sent by the form of another site, nor where it is not understood to whom', async () => {
    const foreign = { ...signedIn, origin: 'https://pr-7.shop.test' }
    expect((await here.form(`/callbacks/${id}/again`, {}, foreign)).status).toBe(403)
    expect((await here.form('/sign-in', { token: TOKEN }, foreign)).status).toBe(403)
    const said = await fetch(`${here.url()}/api/callbacks/${id}/replay`, {
      ...{ method: 'POST', headers: signedIn, body: "{to: 'shop/pr-1'}" },
    })
    expect(said.status).toBe(400)
    const nobody = replayCallback({ server: here.url(), token: TOKEN, id, to: 'shop/pr-9' })
    await expect(nobody).rejects.toThrow('No running preview called shop/pr-9 takes it')
    expect(here.apps.reached(1)).toHaveLength(1)
  })

  it('is sent by who has the token, and by nobody else', async () => {
    const asked = (token: string, which: string) => replayCallback({ server: here.url(), token, id: which, to: null })
    await expect(asked('another-token', id)).rejects.toThrow('Needs the header Authorization')
    await expect(asked(TOKEN, '0000')).rejects.toThrow('No such callback')
    expect((await here.form(`/callbacks/${id}/again`, {})).status).toBe(401)
    expect((await here.form(`/callbacks/${id}/again`, {}, signedIn)).status).toBe(303)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(2))
  })
})

it('what came, what was refused and what was delivered is counted', async () => {
  const signed = (signature: string, body = BODY) => here.call({ body, headers: ['Stripe-Signature', signature] })
  const again = Buffer.from('again')
  const twice = stripeSignature(again)
  await here.call({ body: BODY })
  await signed(stripeSignature(BODY, Date.now(), 'another secret'))
  await signed(stripeSignature(BODY, Date.now() - 600_000))
  await signed(stripeSignature(BODY), BODY.subarray(1))
  for (let time = 0; time < 2; time++) await signed(twice, again)
  await here.pay(Buffer.alloc(1_000_001))
  await here.until(() => expect(here.apps.reached(1)).toHaveLength(2))
  await here.until(() => expect(here.apps.reached(2)).toHaveLength(2))
  const text = await (await here.get('/metrics')).text()
  expect(text).toContain('wehook_callbacks_total{source="stripe",result="kept"} 2')
  const counts = { unsigned: 1, forged: 2, stale: 1, replayed: 1, 'too large': 1 }
  for (const [result, count] of Object.entries(counts)) {
    expect(text).toContain(`wehook_callbacks_total{source="stripe",result="${result}"} ${count}`)
  }
  expect(text).toMatch(/wehook_attempts_total\{source="stripe",result="delivered"\} [34]/)
  expect(text).toMatch(/wehook_list_age_seconds 0\.\d+/)
  expect(text).toContain('wehook_listeners 2')
  expect(text).toMatch(/wehook_stored_bytes [1-9]/)
})
