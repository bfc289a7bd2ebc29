import { Hono } from 'hono'
import type { PreviewView } from '../domain/preview-view.ts'
import { isBearer } from './signature.ts'

export interface ApiOptions {
  /** Who has it may ask; null: nobody may. */
  readonly token: string | null
  readonly previews: () => readonly PreviewView[]
}

/** `GET /previews`: what runs, as JSON, for other programs. Answers 403 where no token is configured, 401 without it. */
export const api = ({ token, previews }: ApiOptions): Hono =>
  new Hono().get('/previews', (c) => {
    c.header('Cache-Control', 'no-store')
    if (token === null) {
      return c.json({ error: 'The API is off: this instance was started without WESTAGE_API_TOKEN' }, 403)
    }
    if (!isBearer(c.req.header('authorization'), token)) {
      c.header('WWW-Authenticate', 'Bearer realm="westage"')
      return c.json({ error: 'Needs the header Authorization: Bearer with the API token of this instance' }, 401)
    }
    return c.json({ previews: previews().map(printed) })
  })

/** One preview of the answer. What only `preview.yaml` knows is null, or empty, where that is not there yet. */
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
  callbacks: preview?.callbacks ?? [],
  since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
})
