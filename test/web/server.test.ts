import { describe, expect, it } from 'vitest'
import { givenServer, knowing, previewView } from './given.ts'

const PATHS = [
  '/',
  '/previews/shop/pr-7',
  '/runs/x',
  '/runs/x/log',
  '/healthz',
  '/readyz',
  '/api/previews',
  '/nowhere',
  '/webhook',
]

describe('whatever is asked', () => {
  it.each(PATHS)('%s comes with the headers that keep it to itself', async (path) => {
    const { headers } = await givenServer({ previews: knowing([previewView()]) }).app.request(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-robots-tag')).toBe('noindex')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
  })

  it('that nobody knows is not found, as JSON below /api', async () => {
    const { app } = givenServer()
    expect((await app.request('/nowhere')).status).toBe(404)
    const answer = await app.request('/api/nowhere')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: 'Not found' })
  })

  it('that fails says nothing of why, and is told of once', async () => {
    const error = new Error('a password is in here')
    const { app, told } = givenServer({
      previews: {
        ...knowing([]),
        all: () => {
          throw error
        },
      },
    })
    const answer = await app.request('/')
    expect(answer.status).toBe(500)
    expect(await answer.text()).toBe('Internal server error\n')
    expect(told.failures).toEqual([error])
  })
})

describe('health', () => {
  it('is good while the process answers, ready or not', async () => {
    const readiness = () => ({ ready: false, checks: { argocd: 'not listed yet', gitops: 'ok' } })
    const { app } = givenServer({ readiness })
    expect((await app.request('/healthz')).status).toBe(200)
    const answer = await app.request('/readyz')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual(readiness())
  })

  it('is ready where it is ready', async () => {
    expect((await givenServer().app.request('/readyz')).status).toBe(200)
  })
})
