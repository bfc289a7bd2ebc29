import { describe, expect, it } from 'vitest'
import { givenServer, previewView, TOKEN } from './given.ts'

const asked = (app: ReturnType<typeof givenServer>['app'], authorization?: string) =>
  app.request('/api/previews', authorization === undefined ? {} : { headers: { authorization } })

describe('GET /api/previews', () => {
  it('lists what runs, with where it answers and its callbacks', async () => {
    const { app } = givenServer({ previews: () => [previewView()] })
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
          callbacks: [{ source: 'stripe', path: '/hooks/stripe' }],
          since: '2026-01-15T11:53:00.000Z',
        },
      ],
    })
  })

  it('lists a preview that is not committed yet, with nothing made up', async () => {
    const view = previewView({ preview: null, state: 'preparing', sinceMs: null, commit: '' })
    const { app } = givenServer({ previews: () => [view] })
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
    const { app } = givenServer({ previews: () => [previewView()] })
    const answer = await asked(app, authorization)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(await answer.text()).not.toContain('shop')
  })

  it('answers nobody where no token is configured, and says why', async () => {
    const { app } = givenServer({ apiToken: null, previews: () => [previewView()] })
    for (const authorization of ['Bearer null', 'Bearer ', `Bearer ${TOKEN}`]) {
      const answer = await asked(app, authorization)
      expect(answer.status).toBe(403)
      expect(await answer.json()).toEqual({ error: expect.stringContaining('WESTAGE_API_TOKEN') })
    }
  })
})
