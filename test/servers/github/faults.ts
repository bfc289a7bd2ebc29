/** Trouble on purpose: what a client must live through. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, MiddlewareHandler } from 'hono'
import { Refusal, type RefusalStatus } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { Env } from './world.ts'

/** Which requests; what is left out matches any. */
export interface Matcher {
  readonly method?: string
  /** Against the path without the query, such as `/repos/acme/shop/pulls/1`. */
  readonly path?: string | RegExp
  /** How many requests it hits before it is spent; 1 unless told, Infinity for ever. */
  readonly times?: number
}

export type Trouble =
  | { readonly kind: 'status'; readonly status: RefusalStatus; readonly message?: string; readonly body?: JsonObject }
  /** The hour's limit is used up. */
  | { readonly kind: 'primary'; readonly resetAfterSeconds: number }
  | { readonly kind: 'secondary'; readonly retryAfterSeconds: number }
  /** `before` anything is done; `after` it is done, its answer lost; `midway` through the answer's body. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' | 'midway' }
  /** GraphQL says with status 200 that something went wrong, `after` it was done or instead. */
  | { readonly kind: 'something wrong'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Nothing comes until the client ends the connection; `reached` is called when the request is there. */
  | { readonly kind: 'silence'; readonly reached?: () => void }

export class Faults {
  readonly #planned: { readonly matcher: Matcher; readonly trouble: Trouble; left: number }[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Plans trouble; gives back how to call it off. */
  plan(matcher: Matcher, trouble: Trouble): () => void {
    const fault = { matcher, trouble, left: matcher.times ?? 1 }
    this.#planned.push(fault)
    return () => {
      fault.left = 0
    }
  }

  readonly middleware: MiddlewareHandler<Env> = async (c, next) => {
    const { pathname } = new URL(c.req.url)
    const fault = this.#planned.find(({ matcher, left }) => left > 0 && matches(matcher, c.req.method, pathname))
    if (fault === undefined) return next()
    fault.left -= 1
    await this.#strike(c, fault.trouble, next)
  }

  async #strike(c: Context<Env>, trouble: Trouble, next: () => Promise<void>): Promise<void> {
    switch (trouble.kind) {
      case 'delay':
        await sleep(trouble.ms)
        return next()
      case 'silence':
        trouble.reached?.()
        await once(c.env.outgoing, 'close')
        c.res = undefined
        c.res = RESPONSE_ALREADY_SENT
        return
      case 'cut':
        if (trouble.when !== 'before') await next()
        if (trouble.when === 'midway') await sendHalf(c)
        c.env.outgoing.destroy()
        c.res = undefined
        c.res = RESPONSE_ALREADY_SENT
        return
      case 'something wrong':
        if (trouble.when === 'after') await next()
        c.res = undefined
        c.res = c.json({ errors: [{ message: 'Something went wrong while executing your query.' }] })
        return
      case 'status':
        throw new Refusal(trouble.status, trouble.message ?? 'Server Error', { body: trouble.body ?? {} })
      case 'primary':
        throw new Refusal(403, 'API rate limit exceeded for installation.', {
          headers: {
            'x-ratelimit-limit': '5000',
            'x-ratelimit-remaining': '0',
            'x-ratelimit-reset': String(Math.floor(this.#now() / 1000) + trouble.resetAfterSeconds),
          },
        })
      case 'secondary':
        throw new Refusal(
          403,
          'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          {
            headers: { 'retry-after': String(trouble.retryAfterSeconds) },
          },
        )
    }
  }
}

/** Sends the head and half of the body, and waits until it is written. */
async function sendHalf(c: Context<Env>): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer())
  const { outgoing } = c.env
  outgoing.writeHead(c.res.status, { ...Object.fromEntries(c.res.headers), 'content-length': body.length })
  await new Promise<void>((written) => outgoing.write(body.subarray(0, body.length / 2), () => written()))
}

function matches({ method, path }: Matcher, actualMethod: string, actualPath: string): boolean {
  if (method !== undefined && method !== actualMethod) return false
  if (path === undefined) return true
  return typeof path === 'string' ? path === actualPath : path.test(actualPath)
}
