import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type ApiOptions, api, type KnownPreviews } from './api.ts'
import { buildContext, type TakeContext } from './build-context.ts'
import { health, type Readiness } from './health.ts'
import { type PagesOptions, pages } from './pages.ts'
import { type WebhookOptions, webhook } from './webhook.ts'

export interface ServerOptions extends PagesOptions {
  readonly webhook: WebhookOptions
  /** The bearer token of `/api`, null: it answers nobody. */
  readonly apiToken: ApiOptions['token']
  /** What the pages show and the API lists. */
  readonly previews: KnownPreviews
  readonly readiness: () => Readiness
  /** Contexts for the pods that build them; null where no pods do. */
  readonly takeContext: TakeContext | null
}

/**
 * All that WeStage answers over HTTP: `POST /webhook`, `/api/previews`, `/build-context`, `/healthz`, `/readyz` and the pages. Fails
 * without saying why to whoever asked; `failed` is told of each unknown error once.
 */
export function server(options: ServerOptions): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Referrer-Policy', 'no-referrer')
    c.header('X-Robots-Tag', 'noindex')
    c.header('Cross-Origin-Resource-Policy', 'same-origin')
    c.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
    await next()
  })
  app.route('/webhook', webhook(options.webhook))
  app.route('/api', api({ token: options.apiToken, previews: options.previews, signal: options.signal }))
  if (options.takeContext !== null) app.route('/build-context', buildContext(options.takeContext))
  app.route('/', health(options.readiness))
  app.route('/', pages(options))
  app.notFound((c) =>
    c.req.path.startsWith('/api/') ? c.json({ error: 'Not found' }, 404) : c.text('Not found\n', 404),
  )
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.text(`${error.message}\n`, error.status)
    // A body that was cut short is the client's doing, and nobody hears the answer.
    if (c.req.raw.signal.aborted) return c.text('Cut short\n', 400)
    options.failed(`${c.req.method} ${c.req.routePath}`, error)
    return c.text('Internal server error\n', 500)
  })
  return app
}
