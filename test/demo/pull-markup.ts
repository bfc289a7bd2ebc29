/** A pull request of the demo's page: its row in the list, its buttons, and the Deployment and Check that it shows. */
import { html, raw } from 'hono/html'
import type { CheckRun } from '../servers/github/state.ts'
import { ACTIONS, type Action, isPossible } from './actions.ts'
import { markdownToHtml } from './markdown.ts'
import { SHOP } from './sample-pulls.ts'
import type { ShownDeployment, ShownPull } from './shown-pull.ts'

const DEPLOYMENTS_MAX = 4

const WORDS: Readonly<Record<Action, string>> = {
  label: 'Add label',
  unlabel: 'Remove label',
  push: 'Push a good commit',
  break: 'Push broken manifests',
  close: 'Close',
  reopen: 'Reopen',
  pay: 'Pay in the preview',
}

/** @param selected the number of the one that is shown below the list */
export const pullRows = (pulls: readonly ShownPull[], selected: number) =>
  html`${pulls.map(
    ({ pull, check }) => html`<li><a class="row" href="/${SHOP}/pull/${pull.number}" data-select="${pull.number}"${
      pull.number === selected ? raw(' aria-current="true"') : ''
    }>
<span class="fork ${pull.state}" title="${pull.state}">${FORK}</span>
<span class="about"><span class="name">${pull.title}${pull.labels.map(({ name }) => html` <span class="chip">${name}</span>`)}</span>
<span class="soft">#${pull.number} · ${pull.branch} · ${pull.author.login}</span></span>
<span class="head">${markOf(check)}<code>${pull.headSha.slice(0, 7)}</code></span></a></li>`,
  )}`

/** The buttons, each enabled while GitHub would offer it. */
export const pullTools = (shown: ShownPull) => {
  const { pull } = shown
  return html`
<div class="title"><h2>${pull.title} <span class="soft">#${pull.number}</span></h2><span class="state ${pull.state}">${FORK}${pull.state === 'open' ? 'Open' : 'Closed'}</span></div>
<p class="soft">${pull.author.login} wants to merge <code class="ref">${pull.branch}</code> at <code>${pull.headSha.slice(0, 7)}</code> into <code class="ref">${pull.base}</code></p>
<div class="tools">${ACTIONS.map(
    (action) =>
      html`<button type="button" class="${action}" data-act="${action}" data-pull="${pull.number}"${isPossible(action, shown) ? '' : raw(' disabled')}>${WORDS[action]}</button>`,
  )}</div>`
}

/** The Deployments of its environment, newest first. */
export function pullDeployments({ deployments, pull }: ShownPull) {
  if (deployments.length === 0) {
    return html`<p class="none">No Deployment yet${pull.state === 'open' ? html`: add the label to get a preview` : ''}.</p>`
  }
  const older = deployments.length - DEPLOYMENTS_MAX
  return html`${deployments.slice(0, DEPLOYMENTS_MAX).map(deploymentRow)}
${older > 0 ? html`<p class="none">and ${older} older, inactive</p>` : ''}`
}

const deploymentRow = ({ deployment, status }: ShownDeployment) => html`<div class="deployment ${status.state}">
<span class="badge ${TONES[status.state] ?? 'still'}"><span class="dot"></span>${status.state.replace('_', ' ')}</span>
<span class="about"><span><code>${deployment.sha.slice(0, 7)}</code> to ${deployment.environment}</span>
<span class="soft">${status.description} · <time data-at="${status.atMs}"></time></span></span>
${
  status.state === 'success' && status.environmentUrl !== ''
    ? html`<a class="view" href="${status.environmentUrl}" target="_blank" rel="noreferrer">View deployment</a>`
    : status.logUrl !== '' && status.state !== 'inactive'
      ? html`<a class="quiet" href="${status.logUrl}" target="_blank" rel="noreferrer">Log</a>`
      : ''
}</div>`

/** WeStage's Check at the head, with its output as GitHub renders it. */
export function pullCheck({ check, pull }: ShownPull) {
  if (check === null) return html`<p class="none">No Check at ${pull.headSha.slice(0, 7)} yet.</p>`
  const { title, summary, text } = check.output
  return html`<div class="check">
<div class="line">${markOf(check)}<b>${check.name}</b><span class="soft">${stateOf(check)}</span><a class="quiet" href="${check.detailsUrl}" target="_blank" rel="noreferrer">Details</a></div>
<div class="output"><h3>${title}</h3>
<div class="markdown">${raw(markdownToHtml(summary ?? ''))}${raw(markdownToHtml(text ?? ''))}</div></div></div>`
}

const stateOf = ({ status, conclusion }: CheckRun): string => (conclusion ?? status).replace('_', ' ')

const TONES: Readonly<Record<string, string>> = {
  success: 'good',
  queued: 'busy',
  in_progress: 'busy',
  failure: 'bad',
  inactive: 'still',
}

/** As GitHub marks a commit: a tick, a cross, a dot that moves, a square; nothing where no Check is there. */
function markOf(check: CheckRun | null) {
  if (check === null) return ''
  const state = check.conclusion ?? 'running'
  const shape = SHAPES[state] ?? SQUARE
  return html`<span class="mark ${state}" title="${stateOf(check)}"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${raw(shape)}</svg></span>`
}

const SQUARE = '<rect x="4.5" y="4.5" width="7" height="7" rx="1.5" fill="currentColor"/>'
const SHAPES: Readonly<Record<string, string>> = {
  success:
    '<path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>',
  failure: '<path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/>',
  running: '<circle cx="8" cy="8" r="4" fill="currentColor"/>',
}
const FORK = raw(
  '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"><circle cx="4" cy="3.5" r="1.8"/><circle cx="4" cy="12.5" r="1.8"/><circle cx="12" cy="12.5" r="1.8"/><path d="M4 5.3v5.4M12 10.7V6.5a3 3 0 0 0-3-3H7.5"/></svg>',
)
