import { Hono } from 'hono'

export interface Readiness {
  readonly ready: boolean
  /** Each check by name, and what it came to in a few words. */
  readonly checks: Readonly<Record<string, string>>
}

/** `/healthz`: the process answers. `/readyz`: it can do its work, 503 where it can't, with each check's outcome. */
export const health = (readiness: () => Readiness): Hono =>
  new Hono()
    .get('/healthz', (c) => c.text('ok', 200, { 'Cache-Control': 'no-store' }))
    .get('/readyz', (c) => {
      const { ready, checks } = readiness()
      return c.json({ ready, checks }, ready ? 200 : 503, { 'Cache-Control': 'no-store' })
    })
