import { html, raw } from 'hono/html'
import { parseKey } from '../domain/key.ts'
import { isOver, type RunView } from '../domain/run-view.ts'
import { STEPS, type StepRecord } from '../domain/step.ts'
import { changesSection } from './changes-section.ts'
import { durationText } from './durations.ts'
import { linkOf, pageOf } from './page.ts'
import { RUN_SCRIPT } from './run-script.ts'
import { outcomeBadge } from './state-words.ts'

/** As many lines as a page opens with; the whole log is one link away. */
const LINES_MAX = 2000

/** A run: its steps, and its log as far as it has come, which the page's script goes on reading. */
export function runPage(run: RunView, nowMs: number) {
  const { about, id, steps, lines, changes } = run
  const shown = lines.slice(-LINES_MAX)
  const last = lines.at(-1)?.number ?? 0
  const key = parseKey(about.key)
  const body = html`
<h1>${about.title}</h1>
<p class="lead">${linkOf(about.pullUrl, key === null ? 'Pull request' : `Pull request #${key.pull}`)} at <code>${about.sha.slice(0, 10)}</code>
${key === null ? '' : html` · <a href="../previews/${key.app}/pr-${key.pull}">Preview</a>`}</p>
<div class="card"><table>
<thead><tr><th>Step</th><th>Outcome</th><th class="n">Took</th><th>Note</th></tr></thead>
<tbody id="steps">${stepRows(steps, nowMs)}</tbody>
</table></div>
${changesSection(changes)}
<div class="bar"><h2>Log</h2><span class="soft"><span id="following">${isOver(steps) ? 'Over' : 'Reload for newer lines'}</span> · <a href="${id}/log">Plain text</a></span></div>
${shown.length < lines.length ? html`<p class="lead">The last ${shown.length} lines of ${lines.length}; the others are in the plain text.</p>` : ''}
<div class="card"><pre class="log" id="log" tabindex="0" data-events="${id}/events?from=${last}">${shown.map(({ text }) => `${text}\n`).join('')}</pre></div>
<script>${raw(RUN_SCRIPT)}</script>`
  return pageOf({ title: about.title, home: '../', body, reloadSeconds: 0 })
}

/** A row for each step of a run, with those that have not begun. */
export const stepRows = (records: readonly StepRecord[], nowMs: number) =>
  html`${STEPS.map((step) => {
    const record = records.find((each) => each.step === step)
    const tookMs = record === undefined ? null : (record.endedAtMs ?? nowMs) - record.startedAtMs
    return html`<tr><td>${step}</td><td>${outcomeBadge(record?.outcome)}</td><td class="n"${record?.outcome === 'running' ? html` data-ms="${tookMs}"` : ''}>${tookMs === null ? '' : durationText(tookMs)}</td><td class="w soft">${record?.note ?? ''}</td></tr>`
  })}`

/** What stands where a run's log was. */
export const runGonePage = (keptDays: number) =>
  pageOf({
    title: 'No such run',
    home: '../',
    body: html`<h1>No such run</h1>
<p class="lead">There is no log at this address. Logs are kept for ${keptDays} ${keptDays === 1 ? 'day' : 'days'}; ask for a re-run at the pull request's Check to get a new one.</p>`,
    reloadSeconds: 0,
  })
