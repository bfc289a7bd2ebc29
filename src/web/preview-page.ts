import { html } from 'hono/html'
import { urlsOf } from '../domain/preview.ts'
import type { PreviewView } from '../domain/preview-view.ts'
import { ageText } from './durations.ts'
import { linkOf, type Markup, pageOf } from './page.ts'
import { stateBadge } from './state-words.ts'

/**
 * One preview.
 * @param commitUrl the page of its commit in the GitOps repo, null where there is none to link to
 */
export function previewPage(view: PreviewView, commitUrl: string | null, nowMs: number) {
  const { key, preview, state, reason, folder, sinceMs, commit, pullUrl } = view
  const title = `${key.app} #${key.pull}`
  const age = sinceMs === null ? '' : `, ${ageText(nowMs - sinceMs)}`
  const short = commit.slice(0, 10)
  const rows: readonly (readonly [name: string, value: Markup | string])[] = [
    ['Pull request', linkOf(pullUrl, `${preview?.repository.name ?? ''} #${key.pull}`.trim())],
    ...(preview === null ? [] : inFolder(preview)),
    ['Folder', html`<code>${folder}</code>`],
    [
      'Commit',
      commit === ''
        ? 'not committed yet'
        : html`<code>${commitUrl === null ? short : linkOf(commitUrl, short)}</code>${age}`,
    ],
  ]
  const isUp = state === 'live' && preview !== null && /^https?:/.test(preview.url)
  const body = html`
<h1>${title}<span class="sub">${preview?.pull.branch ?? ''}</span></h1>
<p>${stateBadge(state)}</p>
${reason === '' ? '' : html`<p class="note ${toneOf(state)}">${reason}</p>`}
${isUp ? html`<p><a class="open" href="${preview.url}">Open ${preview.hosts[0] ?? preview.url}</a></p>` : ''}
<div class="card"><dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
${preview === null ? html`<p class="lead">There is no preview.yaml to read in this folder yet.</p>` : ''}`
  return pageOf({ title, home: '../../', body, reloadSeconds: 15 })
}

function inFolder(preview: NonNullable<PreviewView['preview']>): readonly (readonly [string, Markup])[] {
  const images = Object.entries(preview.images)
  const cluster = preview.destination.name || preview.destination.server
  return [
    ['Revision', html`<code>${preview.sha}</code>`],
    ['Addresses', preview.hosts.length === 0 ? html`none` : listOf(urlsOf(preview).map((url) => linkOf(url, url)))],
    ['Namespace', html`<code>${preview.namespace}</code> <span class="soft">on ${cluster}</span>`],
    [
      'Images',
      images.length === 0
        ? html`as in the manifests`
        : listOf(images.map(([name, to]) => html`<code>${name}</code> → <code>${to}</code>`)),
    ],
  ]
}

const listOf = (items: readonly Markup[]) => html`${items.map((item) => html`<div>${item}</div>`)}`

const toneOf = (state: PreviewView['state']): string =>
  state === 'failed' ? 'bad' : state === 'retrying' || state === 'held' ? 'warn' : 'still'
