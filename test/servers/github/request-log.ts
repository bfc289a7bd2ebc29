/** What was asked of the double, for tests to count, and for the OpenAPI check to judge. */
import { appendFileSync } from 'node:fs'
import type { MiddlewareHandler } from 'hono'
import type { JsonObject } from './json.ts'
import type { Env } from './world.ts'

export interface LoggedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly status: number
  readonly ms: number
  /** Whether it came with If-None-Match. */
  readonly isConditional: boolean
}

/** Adds every request to `log` when it is answered; 0 is the status of one whose connection was cut. */
export const logged =
  (log: LoggedRequest[]): MiddlewareHandler<Env> =>
  async (c, next) => {
    const startedAtMs = performance.now()
    await next()
    const { pathname, search } = new URL(c.req.url)
    log.push({
      method: c.req.method,
      path: `${pathname}${search}`,
      status: c.env.outgoing.destroyed ? 0 : c.res.status,
      ms: performance.now() - startedAtMs,
      isConditional: c.req.header('if-none-match') !== undefined,
    })
  }

const KEPT_HEADERS = ['link', 'location', 'etag', 'content-type', 'x-accepted-github-permissions']

/** Appends every exchange to a file, one JSON object a line; several processes may share it. */
export const recorded =
  (path: string): MiddlewareHandler<Env> =>
  async (c, next) => {
    const requestBody = await c.req.text()
    await next()
    const url = new URL(c.req.url)
    if (url.pathname.startsWith('/codeload/') || c.env.outgoing.destroyed) return
    const response = c.res.clone()
    const headers = KEPT_HEADERS.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value]]
    })
    appendLine(path, {
      method: c.req.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      requestBody,
      status: response.status,
      headers: Object.fromEntries(headers),
      responseBody: await response.text(),
    })
  }

/** Appends a webhook's payload to the same file. */
export const recordWebhook = (path: string, event: string, payload: JsonObject): void =>
  appendLine(path, { webhook: event, payload })

const appendLine = (path: string, line: JsonObject): void => appendFileSync(path, `${JSON.stringify(line)}\n`)
