import { Hono } from 'hono'
import { html } from 'hono/html'
import type { PreviewView } from '../domain/preview-view.ts'
import type { RunReader } from '../domain/run-view.ts'
import { PAGE_POLICY, pageOf } from './page.ts'
import { previewPage } from './preview-page.ts'
import { previewsPage } from './previews-page.ts'
import { runEvents } from './run-events.ts'
import { runGonePage, runPage } from './run-page.ts'

const DAY_MS = 86_400_000

export interface PagesOptions {
  readonly previews: { all(): readonly PreviewView[] }
  readonly runs: RunReader
  /** The label that asks for a preview. */
  readonly label: string
  /** How long the logs of runs are kept. */
  readonly logsKeptMs: number
  /** A commit's page in the GitOps repo, null where its host has none. */
  readonly commitUrlOf: (commit: string) => string | null
  readonly now: () => number
  /** Ends the streams of events. */
  readonly signal: AbortSignal
  readonly failed: (what: string, error: unknown) => void
}

/** The pages for people: `/`, `/previews/<app>/pr-<number>`, `/runs/<id>` with its `/log` and `/events`. */
export function pages(options: PagesOptions): Hono {
  const { previews, runs, label, logsKeptMs, commitUrlOf, now } = options
  const keptDays = Math.ceil(logsKeptMs / DAY_MS)
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('Content-Security-Policy', PAGE_POLICY)
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.get('/', (c) => c.html(previewsPage(previews.all(), c.req.query('app') ?? null, label, now())))
  app.get('/previews/:app/:pull{pr-[1-9][0-9]{0,9}}', (c) => {
    const pull = Number(c.req.param('pull').slice('pr-'.length))
    const view = previews.all().find(({ key }) => key.app === c.req.param('app') && key.pull === pull)
    if (view === undefined) return c.html(previewGonePage(label), 404)
    return c.html(previewPage(view, view.commit === '' ? null : commitUrlOf(view.commit), now()))
  })
  app.get('/runs/:id', async (c) => {
    const run = await runs.view(c.req.param('id'))
    return run === null ? c.html(runGonePage(keptDays), 404) : c.html(runPage(run, now()))
  })
  app.get('/runs/:id/log', async (c) => {
    const run = await runs.view(c.req.param('id'))
    return run === null ? c.text('No such run\n', 404) : c.text(run.lines.map(({ text }) => `${text}\n`).join(''))
  })
  app.get('/runs/:id/events', async (c) => {
    const id = c.req.param('id')
    if ((await runs.view(id)) === null) return c.text('No such run\n', 404)
    return c.req.method === 'HEAD' ? c.body(null) : runEvents(c, id, options)
  })
  return app
}

const previewGonePage = (label: string) =>
  pageOf({
    title: 'No such preview',
    home: '../../',
    body: html`<h1>No such preview</h1>
<p class="lead">It was removed, or there never was one. The label <code>${label}</code> on an open pull request brings it up.</p>`,
    reloadSeconds: 0,
  })
