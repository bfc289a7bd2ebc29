import { setTimeout as delay } from 'node:timers/promises'
import { Hono } from 'hono'
import type { PreviewView } from '../domain/preview-view.ts'
import { eventStream } from './event-stream.ts'
import { isBearer } from './signature.ts'

export interface ApiOptions {
  /** Who has it may ask; null: nobody may. */
  readonly token: string | null
  readonly previews: KnownPreviews
  /** Ends every stream of events. */
  readonly signal: AbortSignal
}

/** All previews that are known, and when they change. */
export interface KnownPreviews {
  all(): readonly PreviewView[]
  /** Whether all are known: right after a start none is. Less than all must not be taken for all. */
  isWhole(): boolean
  /** Another whenever `all` gives something else. */
  revision(): string
  /** Resolves when the revision is another than that; rejects with the signal's reason. */
  changed(from: string, signal: AbortSignal): Promise<void>
}

/** Changes that follow each other are told together. */
const TOLD_EVERY_MS = 1000

/**
 * `GET /previews`: what runs, as JSON, for other programs, with an ETag (RFC 9110): 304 to who has it already.
 * `GET /previews/events`: server-sent events, `changed` whenever there is something new to ask for, and at first.
 * Both answer 403 where no token is configured, 401 without it; `/previews` 503 until all previews are known.
 */
export const api = ({ token, previews, signal }: ApiOptions): Hono =>
  new Hono()
    .use('/previews/*', async (c, next) => {
      c.header('Cache-Control', 'no-store')
      if (token === null) {
        return c.json({ error: 'The API is off: this instance was started without WESTAGE_API_TOKEN' }, 403)
      }
      if (!isBearer(c.req.header('authorization'), token)) {
        c.header('WWW-Authenticate', 'Bearer realm="westage"')
        return c.json({ error: 'Needs the header Authorization: Bearer with the API token of this instance' }, 401)
      }
      return await next()
    })
    .get('/previews', (c) => {
      if (!previews.isWhole()) {
        c.header('Retry-After', '5')
        return c.json({ error: 'Not all previews are known yet, since this instance has just started' }, 503)
      }
      const etag = `W/"${previews.revision()}"`
      c.header('ETag', etag)
      if (c.req.header('if-none-match') === etag) return c.body(null, 304)
      return c.json({ previews: previews.all().map(printed) })
    })
    .get('/previews/events', (c) =>
      eventStream(c, signal, async (stream, ends) => {
        for (let told = previews.revision(); ; told = previews.revision()) {
          await stream.writeSSE({ event: 'changed', data: told })
          await delay(TOLD_EVERY_MS, undefined, { signal: ends })
          await previews.changed(told, ends)
        }
      }),
    )

/** One preview of the answer. What only `preview.yaml` knows is null where that is not there yet. */
const printed = ({ key, preview, state, pullUrl, sinceMs }: PreviewView) => ({
  app: key.app,
  slug: preview?.slug ?? null,
  namespace: preview?.namespace ?? null,
  repository: { id: key.repositoryId, name: preview?.repository.name ?? null },
  pull: { number: key.pull, url: pullUrl, branch: preview?.pull.branch ?? null },
  sha: preview?.sha ?? null,
  state,
  url: preview === null || preview.url === '' ? null : preview.url,
  hosts: preview?.hosts ?? [],
  page: preview?.page ?? null,
  callbacks: preview?.callbacks ?? null,
  since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
})
