/** The pages of WeHook: the latest callbacks, and one with what came of it. */
import { createHash } from 'node:crypto'
import { html } from 'hono/html'
import { ageText } from '../web/durations.ts'
import { pageOf } from '../web/page.ts'
import { STYLE } from '../web/style.ts'
import type { Callback, ListedCallback } from './callback.ts'
import { deliveryList, stateBadge, tookText } from './delivery-list.ts'
import { pairsOf } from './headers.ts'
import type { Outcome } from './store.ts'

/** A callback with what came of it by listener. */
export interface SeenCallback {
  readonly listed: ListedCallback
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/** W3C: Content Security Policy Level 3. Forms are sent here and nowhere else; there is no script. */
export const WEHOOK_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

export interface ListPage {
  readonly seen: readonly SeenCallback[]
  /** What is searched for, '' for nothing. */
  readonly query: string
  readonly nowMs: number
  readonly sign: 'in' | 'out' | 'nobody'
}

export function callbacksPage({ seen, query, nowMs, sign }: ListPage) {
  const body = html`
<h1>Callbacks</h1>
<form method="get" action="./"><p class="lead"><input type="search" name="q" value="${query}" placeholder="source, path, preview, answer, id" aria-label="Search" size="40">
<button>Search</button>${sign === 'out' ? html` <a href="sign-in">Sign in</a> to see bodies, and to send one again.` : ''}</p></form>
${
  seen.length === 0
    ? html`<div class="card empty"><strong>${query === '' ? 'No callbacks yet' : 'None that has this'}</strong>
What a provider sends to <code>/hooks/&lt;source&gt;</code> shows up here.</div>`
    : listOf(seen, nowMs, sign)
}`
  return pageOf({ site: 'WeHook', title: 'Callbacks', home: './', body, reloadSeconds: query === '' ? 15 : 0 })
}

const listOf = (
  seen: readonly SeenCallback[],
  nowMs: number,
  sign: ListPage['sign'],
) => html`<div class="card"><table class="callbacks">
<thead><tr><th>Callback</th><th>Source</th><th>Path</th><th>Previews</th><th class="n">Came</th></tr></thead>
<tbody>${seen.map(
  ({ listed, outcomes }) => html`<tr>
<td class="nowrap"><a href="callbacks/${listed.id}"><code>${listed.id.slice(-8)}</code></a></td>
<td>${listed.source}</td>
<td class="w"><code class="soft">${listed.method} ${shownPath(listed.suffix, sign === 'in')}</code></td>
<td>${deliveryList(outcomes)}</td>
<td class="n soft">${ageText(nowMs - listed.receivedAtMs)}${sign === 'in' ? html`<form method="post" action="callbacks/${listed.id}/again"><button aria-label="Send ${listed.id.slice(-8)} again">Send again</button></form>` : ''}</td>
</tr>`,
)}</tbody>
</table></div>`

export interface CallbackPage {
  readonly callback: Callback
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly nowMs: number
  /** Whether headers and body are shown, and it can be sent again. */
  readonly isSignedIn: boolean
  /** Names of the headers that sources sign with, in small letters: not shown. */
  readonly signing: ReadonlySet<string>
}

export function callbackPage({ callback, outcomes, nowMs, isSignedIn, signing }: CallbackPage) {
  const { id, source, method, suffix, receivedAtMs, body } = callback
  const rows = [...outcomes].map(
    ([listener, outcome]) => html`<tr>
<td class="w">${listener}</td><td>${stateBadge(outcome)}</td><td class="n">${outcome.attempts}</td><td>${outcome.answer}</td><td class="n">${tookText(outcome)}</td><td class="n soft">${ageText(nowMs - outcome.atMs)}</td>
</tr>`,
  )
  const page = html`
<h1>Callback of ${source}</h1>
<p class="lead"><code>${id}</code>, ${ageText(receivedAtMs === 0 ? 0 : nowMs - receivedAtMs)}, ${body.length} bytes, <code>${method} ${shownPath(suffix, isSignedIn)}</code></p>
${
  outcomes.size === 0
    ? html`<div class="card empty"><strong>No preview has had it yet</strong></div>`
    : html`<div class="card"><table>
<thead><tr><th>Preview</th><th>State</th><th class="n">Attempts</th><th>Answer</th><th class="n">Took</th><th class="n">Last</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
${isSignedIn ? insideOf(callback, signing) : ''}`
  return pageOf({ site: 'WeHook', title: `Callback of ${source}`, home: '../', body: page, reloadSeconds: 0 })
}

const insideOf = ({ id, headers, body }: Callback, signing: ReadonlySet<string>) => html`
<form method="post" action="${id}/again"><p><button class="open">Send it again</button> to all of them that take it</p></form>
<h2>Headers</h2>
<div class="card"><pre class="log">${pairsOf(headers).map(([name, value]) => `${name}: ${isSecretHeader(name, signing) ? '(redacted)' : value}\n`)}</pre></div>
<h2>Body</h2>
<div class="card"><pre class="log">${new TextDecoder().decode(body.subarray(0, SHOWN_MAX_BYTES))}</pre></div>
${body.length > SHOWN_MAX_BYTES ? html`<p class="lead">And ${body.length - SHOWN_MAX_BYTES} bytes more.</p>` : ''}`

const SHOWN_MAX_BYTES = 100_000

/** A path as it is shown: a query may hold a token. */
export function shownPath(suffix: string, isSignedIn: boolean): string {
  const [path = '', ...query] = suffix.split('?')
  return `${path === '' ? '/' : path}${query.length === 0 ? '' : isSignedIn ? `?${query.join('?')}` : '?…'}`
}

/** What signs a callback, or lets somebody in. */
const isSecretHeader = (name: string, signing: ReadonlySet<string>): boolean =>
  signing.has(name.toLowerCase()) ||
  /sig|hmac|digest|auth|cookie|token|secret|key|pass|credential|session|jwt|cert/i.test(name)

export const signInPage = (isWrong: boolean) =>
  pageOf({
    site: 'WeHook',
    ...{ title: 'Sign in', home: './', reloadSeconds: 0 },
    body: html`
<h1>Sign in</h1>
${isWrong ? html`<p class="note bad">That is not the token.</p>` : ''}
<form method="post" action="sign-in"><p><input type="password" name="token" aria-label="Token" autocomplete="current-password" size="40" autofocus> <button>Sign in</button></p></form>
<p class="lead">With the token that WeHook was started with, <code>WEHOOK_TOKEN</code>.</p>`,
  })
