/** GitHub: REST, "Best practices", conditional requests: a weak tag over the body of every GET. */
import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Env } from './world.ts'

/** Tags what a GET gives, and answers 304 where the client has it already. */
export const etags: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  if (c.req.method !== 'GET' || c.res.status !== 200 || !isJson(c.res)) return
  const tag = `W/"${createHash('sha256')
    .update(await c.res.clone().text())
    .digest('hex')}"`
  c.res.headers.set('etag', tag)
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
  if (known?.includes(tag.replace(/^W\//, '')) !== true) return
  const headers = new Headers(c.res.headers)
  headers.delete('content-type')
  headers.delete('content-length')
  c.res = new Response(null, { status: 304, headers })
}

const isJson = (response: Response): boolean => response.headers.get('content-type')?.includes('json') === true
