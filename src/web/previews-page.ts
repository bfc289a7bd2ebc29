import { html } from 'hono/html'
import type { PreviewView } from '../domain/preview-view.ts'
import { ageText } from './durations.ts'
import { linkOf, pageOf } from './page.ts'
import { stateBadge } from './state-words.ts'

/** More rows than this make a page that nobody reads; one app by itself, and the API, show the rest. */
const ROWS_MAX = 500

/**
 * The list of previews, grouped by app. Runs are not linked: a run's address is known to those who see the pull
 * request's Check.
 * @param app the only app to show, null for all
 * @param label the label that asks for a preview, for those who have none yet
 */
export function previewsPage(previews: readonly PreviewView[], app: string | null, label: string, nowMs: number) {
  const wanted = previews
    .filter(({ key }) => app === null || key.app === app)
    .toSorted((a, b) => compare(a.key.app, b.key.app) || b.key.pull - a.key.pull)
  const shown = new Map<string, PreviewView[]>()
  for (const view of wanted.slice(0, ROWS_MAX)) shown.set(view.key.app, [...(shown.get(view.key.app) ?? []), view])
  const live = wanted.filter(({ state }) => state === 'live').length
  const body = html`
<h1>${app === null ? 'Previews' : `Previews of ${app}`}</h1>
${wanted.length === 0 ? empty(label) : html`<p class="lead">${wanted.length} in all, ${live} live</p>`}
${[...shown].map(([name, rows]) => group(name, rows, nowMs))}
${wanted.length > ROWS_MAX ? html`<p class="lead">And ${wanted.length - ROWS_MAX} more: open an app by its name, or ask the API.</p>` : ''}`
  return pageOf({ title: 'Previews', home: './', body, reloadSeconds: 15 })
}

const empty = (label: string) => html`<div class="card empty"><strong>No previews yet</strong>
Put the label <code>${label}</code> on a pull request of a repo that this GitHub App is installed on. Its preview shows up here.</div>`

const group = (app: string, rows: readonly PreviewView[], nowMs: number) => html`
<h2><a href="?app=${encodeURIComponent(app)}">${app}</a><span class="sub">${rows.find(({ preview }) => preview !== null)?.preview?.repository.name ?? ''}</span></h2>
<div class="card"><table class="previews">
<thead><tr><th>Pull request</th><th>Branch</th><th>State</th><th>Preview</th><th class="n">Committed</th><th>SHA</th></tr></thead>
<tbody>${rows.map((row) => rowOf(row, nowMs))}</tbody>
</table></div>`

const rowOf = ({ key, preview, state, sinceMs, pullUrl }: PreviewView, nowMs: number) => html`<tr>
<td class="nowrap">${linkOf(pullUrl, `#${key.pull}`)}</td>
<td class="w">${preview?.pull.branch ?? html`<span class="soft">–</span>`}</td>
<td><a href="previews/${key.app}/pr-${key.pull}">${stateBadge(state)}</a></td>
<td class="w">${preview === null || preview.url === '' ? html`<span class="soft">–</span>` : linkOf(preview.url, preview.hosts[0] ?? preview.url)}</td>
<td class="n soft">${sinceMs === null ? '–' : ageText(nowMs - sinceMs)}</td>
<td><code class="soft">${preview?.sha.slice(0, 7) ?? '–'}</code></td>
</tr>`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
