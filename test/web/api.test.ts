import { describe, expect, it } from 'vitest'
import { board } from '../../src/reconcile/board.ts'
import { givenServer, knowing, previewView, TOKEN } from './given.ts'

const asked = (app: ReturnType<typeof givenServer>['app'], authorization?: string) =>
  app.request('/api/previews', authorization === undefined ? {} : { headers: { authorization } })

describe('GET /api/previews', () => {
  it('lists what runs, with where it answers and its callbacks', async () => {
    const { app } = givenServer({ previews: knowing([previewView()]) })
    const answer = await asked(app, `Bearer ${TOKEN}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({
      previews: [
        {
          app: 'shop',
          slug: 'feat-checkout',
          namespace: 'westage-shop-feat-checkout',
          repository: { id: 41, name: 'acme/shop' },
          pull: { number: 7, url: 'https://github.test/acme/shop/pull/7', branch: 'feat/checkout' },
          sha: 'c0ffee1234'.repeat(4),
          state: 'live',
          url: 'https://feat-checkout-shop.preview.test',
          hosts: ['feat-checkout-shop.preview.test'],
          page: 'https://westage.test/previews/shop/pr-7',
          callbacks: [{ source: 'stripe', path: '/hooks/stripe', missed: false }],
          since: '2026-01-15T11:53:00.000Z',
        },
      ],
    })
  })

  it('lists a preview that is not committed yet, with nothing made up', async () => {
    const view = previewView({ preview: null, state: 'preparing', sinceMs: null, commit: '' })
    const { app } = givenServer({ previews: knowing([view]) })
    const { previews } = JSON.parse(await (await asked(app, `Bearer ${TOKEN}`)).text())
    expect(previews[0]).toMatchObject({
      app: 'shop',
      state: 'preparing',
      slug: null,
      sha: null,
      url: null,
      since: null,
      hosts: [],
    })
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
  ])('answers nobody who says %j', async (authorization) => {
    const { app } = givenServer({ previews: knowing([previewView()]) })
    const answer = await asked(app, authorization)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(await answer.text()).not.toContain('shop')
  })

  it('answers nobody where no token is configured, and says why', async () => {
    const { app } = givenServer({ apiToken: null, previews: knowing([previewView()]) })
    for (const authorization of ['Bearer null', 'Bearer ', `Bearer ${TOKEN}`]) {
      const answer = await asked(app, authorization)
      expect(answer.status).toBe(403)
      expect(await answer.json()).toEqual({ error: expect.stringContaining('WESTAGE_API_TOKEN') })
    }
  })
})

/** A board with one preview, as the service has it, asked over HTTP. */
function givenBoard(isWhole = true) {
  const shown = board()
  shown.put(previewView())
  const { app } = givenServer({ previews: { ...shown, isWhole: () => isWhole } })
  return { app, shown }
}

describe('who asks GET /api/previews again', () => {
  const again = (app: ReturnType<typeof givenServer>['app'], etag: string | null) =>
    app.request('/api/previews', { headers: { authorization: `Bearer ${TOKEN}`, 'if-none-match': etag ?? '' } })

  it('is answered 304 until something is another', async () => {
    const { app, shown } = givenBoard()
    const first = await again(app, null)
    const etag = first.headers.get('etag')
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^W\/"/)])
    shown.put(previewView()) // seen again, and the same
    expect((await again(app, etag)).status).toBe(304)
    shown.put(previewView({ state: 'failed' }))
    expect((await again(app, etag)).status).toBe(200)
    const { key } = previewView()
    const before = (await again(app, etag)).headers.get('etag')
    shown.drop(key)
    expect(await (await again(app, before)).json()).toEqual({ previews: [] })
  })

  it('is answered 503 while not all previews are known: less must not be taken for all', async () => {
    const { app } = givenBoard(false)
    expect((await again(app, null)).status).toBe(503)
  })
})

describe('GET /api/previews/events', () => {
  it('says at first, and whenever something is another, that there is something to ask for', async () => {
    const { app, shown } = givenBoard()
    expect((await app.request('/api/previews/events')).status).toBe(401)
    const headers = { authorization: `Bearer ${TOKEN}` }
    const reader = (await app.request('/api/previews/events', { headers })).body?.getReader()
    const text = new TextDecoder()
    let read = ''
    const until = async (count: number) => {
      while (read.split('event: changed').length - 1 < count) read += text.decode((await reader?.read())?.value)
    }
    await until(1)
    shown.put(previewView({ state: 'failed' }))
    await until(2)
    await reader?.cancel()
    expect(read).toContain('event: changed')
  })
})
