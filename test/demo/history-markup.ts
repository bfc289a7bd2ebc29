/** The GitOps repo's history in the demo's page. */
import { html } from 'hono/html'
import type { HistoryEntry } from './history.ts'
import { GITOPS } from './start-world.ts'

export const historyRows = (entries: readonly HistoryEntry[]) =>
  html`${entries.map(
    (entry) => html`<details data-key="${entry.sha}"><summary>
<code>${entry.sha.slice(0, 7)}</code><span class="about"><span class="name">${entry.subject}</span>
${entry.trailers.length > 0 ? html`<span class="soft trailers">${entry.trailers.map(trailer)}</span>` : ''}</span>
<span class="soft by">${entry.author}<br><time data-at="${entry.atMs}"></time></span></summary>
<pre>${entry.stat}</pre>
<p class="more"><a href="/${GITOPS}/commit/${entry.sha}" target="_blank">The whole commit</a>${
      isOfPreview(entry)
        ? html`<button type="button" data-revert="${entry.sha}" title="as a person would, by git revert and a push">Revert it by hand</button>`
        : ''
    }</p></details>`,
  )}`

/** A change of one preview by WeStage: what `git revert` is for. */
export const isOfPreview = ({ trailers }: HistoryEntry): boolean =>
  trailers.some(([name]) => name === 'WeStage-Preview')

const trailer = ([name, value]: readonly [string, string]) =>
  html`<span><span class="key">${name}</span> ${shown(value)}</span>`

/** Long values at a length that fits; the whole commit has them in full. */
const shown = (value: string) => {
  if (/^[0-9a-f]{40}$/.test(value)) return value.slice(0, 7)
  const path = /^https?:\/\/[^/]+(\/.*)$/.exec(value)?.[1]
  if (path === undefined) return value
  const text = path.length > 22 ? `${path.slice(0, 21)}…` : path
  return html`<a href="${value}" target="_blank" rel="noreferrer">${text}</a>`
}
