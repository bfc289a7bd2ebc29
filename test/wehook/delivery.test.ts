/** A callback from its provider to the previews. */
import { afterEach, describe, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, STRIPE, stripeSignature } from './given.ts'
import { wordsOf } from './page-words.ts'

let here: GivenWeHook
afterEach(() => here.close())

const BODY = Buffer.from([0x7b, 0x7d, 0x0d, 0x0a, 0x00, 0xff, 0xfe, 0x80])
const TWO = [
  { pull: 1, callbacks: [STRIPE] },
  { pull: 2, callbacks: [STRIPE] },
]

describe('a callback', () => {
  it('reaches every preview that takes its source, byte for byte, with what WeHook says of it', async () => {
    here = await givenWeHook([...TWO, { pull: 3, callbacks: [] }])
    const given = ['X-Twice', 'a', 'x-twice', 'b', 'X-Odd', 'caf\u00e9', 'Connection', 'close, X-Hop', 'X-Hop', 'mine']
    const answer = await here.pay(BODY, { path: '/hooks/stripe/deep%20er/?a=1&a=%2f', headers: given })
    expect(answer).toEqual({ status: 200, body: 'Taken\n' })
    for (const pull of [1, 2]) {
      await here.until(() => expect(here.apps.reached(pull)).toHaveLength(1))
      const [one] = here.apps.reached(pull)
      expect(one).toMatchObject({ method: 'POST', url: '/webhooks/stripe/deep%20er/?a=1&a=%2f', body: BODY })
      const headers = one?.headers ?? []
      expect(headers.join('\n')).toContain(['X-Twice', 'a', 'x-twice', 'b', 'X-Odd', 'caf\u00e9'].join('\n'))
      expect(headers).not.toContain('X-Hop')
      expect(headers.join('\n')).toMatch(/WeHook-Delivery\n[0-9a-f-]+\nWeHook-Source\nstripe\nWeHook-Attempt\n1/)
    }
    expect(here.apps.reached(3)).toEqual([])
  })

  it('comes again to a preview that did not take it, as the same delivery, while the others have it at once', async () => {
    here = await givenWeHook(TWO)
    here.apps.answers(1, 503)
    await here.pay(BODY)
    await here.until(() => expect(here.apps.reached(1).length).toBeGreaterThanOrEqual(2))
    expect(here.apps.reached(2)).toHaveLength(1)
    here.apps.answers(1, 204)
    const before = here.apps.reached(1).length
    await here.until(() => expect(here.apps.reached(1).length).toBe(before + 1))
    const said = here.apps.reached(1).map(({ headers }) => saidIn(headers))
    expect(new Set(said.map(({ delivery }) => delivery)).size).toBe(1)
    expect(said.map(({ attempt }) => attempt)).toEqual(said.map((_, nth) => String(nth + 1)))
  })

  it.each(['never', 503, 500] as const)(
    'that alone a preview answers with %s keeps no other from it',
    async (answer) => {
      here = await givenWeHook(TWO, { timeout: '300ms' })
      here.apps.answersTo(BODY, answer)
      await here.pay(BODY)
      await here.until(() => expect(here.apps.reached(1).length).toBeGreaterThanOrEqual(2))
      const texts = ['a', 'b', 'c']
      for (const text of texts) await here.pay(Buffer.from(text))
      const had = () => here.apps.reached(1).map(({ body }) => body.toString())
      await here.until(() => expect(had()).toEqual(expect.arrayContaining(texts)))
    },
  )

  it('is given up at a preview that does not take it in time, which is no attempt', async () => {
    here = await givenWeHook(TWO, { ttl: '2s' })
    here.apps.answers(1, 500)
    await here.pay(BODY)
    const listed = async () => wordsOf(await (await here.get('/')).text())
    await here.until(async () =>
      expect(await listed()).toMatch(/shop\/pr-1 gave up \d+ attempts was not taken within 2\.0 s/),
    )
    const attempts = here.apps.reached(1).length
    expect(attempts).toBeGreaterThanOrEqual(2)
    const metrics = await (await here.get('/metrics')).text()
    expect(metrics).toContain('wehook_attempts_total{source="stripe",result="gave up"} 1')
    expect(metrics).toContain(`wehook_attempt_seconds_count{source="stripe"} ${attempts + 1}`)
    here.apps.answers(1, 200)
    await here.restart()
    await here.pay(Buffer.from('later'))
    await here.until(() => expect(here.apps.reached(1).at(-1)?.body.toString()).toBe('later'))
    expect(here.apps.reached(1)).toHaveLength(attempts + 1)
  })

  it('does not follow a preview elsewhere, and is not taken by a redirect', async () => {
    here = await givenWeHook(TWO)
    here.apps.answers(1, 307)
    await here.pay(BODY)
    await here.until(() => expect(here.apps.reached(1).length).toBeGreaterThanOrEqual(2))
    expect(here.apps.reached(2)).toHaveLength(1)
  })

  it.each([
    ['GET', Buffer.alloc(0)],
    ['PUT', BODY],
    ['PATCH', BODY],
    ['DELETE', BODY],
    ['DELETE', Buffer.alloc(0)],
  ])('of the method %s comes as such where its source has that', async (method, body) => {
    const sources = [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'], methods: [method] }]
    here = await givenWeHook(TWO, { sources })
    expect((await here.pay(body, { method, path: '/hooks/stripe?a=b' })).status).toBe(200)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
    expect(here.apps.reached(1)[0]).toMatchObject({ method, url: '/webhooks/stripe?a=b', body })
  })

  it('is as large as its own source allows, whatever another does', async () => {
    const source = { check: 'stripe', secrets: ['STRIPE_SECRET'] }
    const sources = [
      { ...source, name: 'stripe', maxBytes: 3_000_000 },
      { ...source, name: 'small', maxBytes: 10 },
    ]
    here = await givenWeHook(TWO, { sources })
    const large = Buffer.alloc(3_000_000, 'x')
    expect((await here.pay(large)).status).toBe(200)
    expect((await here.pay(Buffer.alloc(3_000_001))).status).toBe(413)
    expect((await here.pay(Buffer.alloc(10), { path: '/hooks/small' })).status).toBe(200)
    expect((await here.pay(Buffer.alloc(11), { path: '/hooks/small' })).status).toBe(413)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
    expect(here.apps.reached(1)[0]?.body.equals(large)).toBe(true)
  })

  it('that was taken is delivered after a restart', async () => {
    here = await givenWeHook(TWO)
    here.apps.answers(1, 503)
    await here.pay(BODY)
    await here.until(() => expect(here.apps.reached(1).length).toBeGreaterThanOrEqual(1))
    await here.stop()
    here.apps.answers(1, 200)
    const before = here.apps.reached(1).length
    await here.restart()
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(before + 1))
    expect(here.apps.reached(2)).toHaveLength(1)
  })

  it('reaches a preview that is there only now, and none that is gone, with WeStage away in between', async () => {
    here = await givenWeHook(TWO)
    here.westage.lists([
      { pull: 2, callbacks: [STRIPE] },
      { pull: 3, callbacks: [STRIPE] },
    ])
    let paid = 0
    await here.until(async () => {
      paid += 1
      expect((await here.pay(Buffer.from(`first ${paid}`))).status).toBe(200)
      expect(here.apps.reached(3).length).toBeGreaterThan(0)
    })
    const gone = here.apps.reached(1).length
    here.westage.lists(null)
    await here.restart()
    await here.pay(Buffer.from('second'))
    const isSecond = ({ body }: { readonly body: Buffer }) => body.toString() === 'second'
    await here.until(() =>
      expect([2, 3].map((pull) => here.apps.reached(pull).filter(isSecond).length)).toEqual([1, 1]),
    )
    expect(here.apps.reached(1)).toHaveLength(gone)
  })
})

describe('the running previews', () => {
  it('are known as soon as WeStage says that something is another, and asked for whole only then', async () => {
    here = await givenWeHook(TWO, { every: '1h' })
    await here.restart()
    const before = here.westage.listings()
    here.westage.lists([{ pull: 9, callbacks: [STRIPE] }])
    await here.until(() => expect(here.westage.listings()).toBe(before + 1))
    await here.pay(BODY)
    await here.until(() => expect(here.apps.reached(9)).toHaveLength(1))
    expect(here.apps.reached(1)).toEqual([])
  })

  it('are asked for whole once while nothing is another, however often they are asked for', async () => {
    here = await givenWeHook(TWO)
    const [asked, listings] = [here.westage.asked(), here.westage.listings()]
    await here.until(() => expect(here.westage.asked()).toBeGreaterThanOrEqual(asked + 10))
    expect(here.westage.listings()).toBe(listings)
  })
})

describe('with the Service as the target', () => {
  it('a callback is sent to its name in the cluster, and not to the host', async () => {
    const service = { name: 'shop', port: 8080 }
    here = await givenWeHook([{ pull: 1, callbacks: [{ ...STRIPE, service }] }], { target: 'service', address: null })
    await here.pay(BODY)
    // Out of a cluster there is no such name.
    const listed = async () => wordsOf(await (await here.get('/')).text())
    await here.until(async () =>
      expect(await listed()).toMatch(/shop\/pr-1 waiting \d+ attempts? \S+ \w+ [^/]*shop\.westage-shop\.svc/),
    )
  })

  it("a callback goes to the Service, with the preview's host as Host; to the host where no Service is known", async () => {
    const service = { name: 'shop', port: 8080 }
    here = await givenWeHook([{ pull: 1, callbacks: [{ ...STRIPE, service }] }, TWO[1] ?? { pull: 2, callbacks: [] }], {
      target: 'service',
    })
    await here.pay(BODY)
    for (const pull of [1, 2]) await here.until(() => expect(here.apps.reached(pull)).toHaveLength(1))
    const listed = async () => wordsOf(await (await here.get('/')).text())
    await here.until(async () => expect(await listed()).toMatch(/shop\/pr-1 delivered 1 attempt \S+ \w+ 200 /))
  })
})

describe('a preview whose address is this machine, or its link', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '169.254.169.254', '0x7f000001'])(
    '%s is not connected to',
    async (host) => {
      here = await givenWeHook([{ pull: 1, callbacks: [STRIPE], host }], { address: null })
      await here.pay(BODY)
      const listed = async () => wordsOf(await (await here.get('/')).text())
      await here.until(async () => expect(await listed()).toContain('WeHook does not connect to it'))
    },
  )
})

describe('a preview that is at another address now', () => {
  it('gets there what it was just being handed', async () => {
    here = await givenWeHook(TWO)
    here.apps.answers(1, 'never')
    await here.pay(BODY)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
    here.westage.lists([{ pull: 1, callbacks: [STRIPE], host: 'moved.shop.test' }])
    await here.until(() => expect(here.apps.reachedAt('moved.shop.test')).toHaveLength(1))
    expect(here.apps.reachedAt('moved.shop.test')[0]?.body).toEqual(BODY)
  })
})

describe('what is not taken', () => {
  it.each([
    ['unsigned', { headers: [] }, 401],
    ['forged', { headers: ['Stripe-Signature', stripeSignature(BODY, Date.now(), 'another')] }, 401],
    ['cut short', { headers: ['Stripe-Signature', stripeSignature(Buffer.concat([BODY, BODY]))] }, 401],
    ['signed ten minutes ago', { headers: ['Stripe-Signature', stripeSignature(BODY, Date.now() - 600_000)] }, 401],
    [
      'signed by a scheme that is not asked for',
      { headers: ['Stripe-Signature', stripeSignature(BODY).replace('v1', 'v0')] },
      401,
    ],
    ['too large', { body: Buffer.alloc(1_000_001) }, 413],
    ['of a method that is not asked for', { method: 'PUT' }, 405],
    ['of an unknown source', { path: '/hooks/other' }, 404],
    ['of a source whose name is written in another way', { path: '/hooks/str%69pe' }, 400],
    ['for a path that a server may read so', { path: '/hooks/stripe/a;x/..;y/..%2fb' }, 400],
    ['for a path above the one that is called', { path: '/hooks/stripe/a/%2e%2e/b' }, 400],
    ['for one that is above it to a server that decodes twice', { path: '/hooks/stripe/a/..%252fb' }, 400],
    ['for one that is above it to a server that decodes thrice', { path: '/hooks/stripe/a/%25252e./b' }, 400],
  ])('is what is %s', async (_, call, status) => {
    here = await givenWeHook(TWO)
    expect((await here.call({ body: BODY, ...call })).status).toBe(status)
    expect((await here.pay(Buffer.from('good'))).status).toBe(200)
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
    expect(here.apps.reached(1)[0]?.body.toString()).toBe('good')
  })

  it('is what comes a second time, with the same signature', async () => {
    here = await givenWeHook(TWO)
    const headers = ['Stripe-Signature', stripeSignature(BODY)]
    const answers = await Promise.all([here.call({ body: BODY, headers }), here.call({ body: BODY, headers })])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    await here.restart()
    expect((await here.call({ body: BODY, headers })).status).toBe(409)
    await here.until(() => expect(here.apps.reached(2)).toHaveLength(1))
  })
})

function saidIn(headers: readonly string[]): { readonly delivery: string; readonly attempt: string } {
  const headerOf = (name: string) => headers[headers.indexOf(name) + 1] ?? ''
  return { delivery: headerOf('WeHook-Delivery'), attempt: headerOf('WeHook-Attempt') }
}
