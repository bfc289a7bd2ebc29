/** The demo's page: the GitHub side, and next to it WeStage's own pages and the GitOps repo's history. */
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { PAGE_SCRIPT } from './page-script.ts'
import { PAGE_STYLE } from './page-style.ts'
import { SHOP } from './sample-pulls.ts'
import { LABEL, type World } from './start-world.ts'

export type Markup = ReturnType<typeof raw> | Promise<ReturnType<typeof raw>>

/** The parts that change, by the id of the element that they are in. */
export type Parts = ReadonlyMap<string, string>

const around = (title: string, body: Markup) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(PAGE_STYLE)}</style>
</head>
${body}
</html>
`

const ARGOCD_NAMES = {
  'stand-in': 'stand-in',
  cluster: 'real, made for this',
  kubeconfig: 'of the kubeconfig',
} as const

/**
 * @param selected the number of the pull request that is shown
 * @param numbers all pull requests
 */
export function demoPage(world: World, parts: Parts, numbers: readonly number[], selected: number) {
  const { frames, westageUrl, weHook, builder, argocd, tools } = world
  const part = (id: string) => raw(parts.get(id) ?? '')
  return around(
    'WeStage demo',
    html`<body data-frames="${frames.origin}" data-pull="${selected}">
<header><h1>WeStage demo</h1>
<p class="lead">The label <span class="chip">${LABEL}</span> on a pull request gives it a live preview.</p>
<ul class="facts">
<li>GitHub, Stripe <b>doubles</b></li>
<li title="${argocd.kind === 'stand-in' ? 'It reads the GitOps repo as Argo CD would, and runs no containers' : ''}">Argo CD <b>${ARGOCD_NAMES[argocd.kind]}</b></li>
<li>Images <b>${builder.kind === 'none' ? 'not built, no builder here' : builder.name}</b></li>
<li>Manifests <b>${tools.kustomize}</b></li>
</ul></header>
<main>
<div class="column">
<p class="side"><strong>${SHOP}</strong> pull requests, as GitHub would show them</p>
<ul id="list" class="card">${part('list')}</ul>
${numbers.map(
  (n) => html`<article class="card pull" id="pull-${n}"${n === selected ? '' : raw(' hidden')}>
<div class="top" id="tools-${n}">${part(`tools-${n}`)}</div>
<section class="part"><h4>Deployments</h4><div id="deployments-${n}">${part(`deployments-${n}`)}</div></section>
<section class="part"><h4>Checks</h4><div id="check-${n}">${part(`check-${n}`)}</div></section>
</article>`,
)}
</div>
<div class="column">
<p class="side"><strong>WeStage</strong> its own pages</p>
<section class="card">
<div class="tabs" role="tablist"><button type="button" role="tab" id="tab-previews" data-tab="previews" aria-selected="true">Previews</button><button type="button" role="tab" id="tab-run" data-tab="run" aria-selected="false" disabled>Run of this pull request</button><a href="${westageUrl}/" target="_blank">Open WeStage</a></div>
<div class="screen"><iframe id="frame-a" class="shown" title="WeStage"></iframe><iframe id="frame-b" title="WeStage"></iframe></div>
</section>
<p class="side"><strong>WeHook</strong> Stripe’s one address; every running preview gets what comes <a href="${weHook.url}/" target="_blank" rel="noreferrer">Open WeHook</a></p>
<section class="card" id="callbacks">${part('callbacks')}</section>
<p class="side"><strong>GitOps repo</strong> what Argo CD applies, one commit per change of a preview</p>
<section class="card" id="history">${part('history')}</section>
</div>
</main>
<p id="toast" role="status" hidden></p>
<p id="offline" role="status" hidden>The demo has ended, or does not answer.</p>
<script>${raw(PAGE_SCRIPT)}</script>
</body>`,
  )
}

/** A page of plain text, such as a commit's. */
export const textPage = (title: string, text: string) =>
  around(title, html`<body><div class="whole"><p><a href="/">WeStage demo</a></p><pre>${text}</pre></div></body>`)

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** W3C: Content Security Policy Level 3. @param framesOrigin where WeStage's pages come from */
export const pagePolicy = (framesOrigin: string): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(PAGE_STYLE)}`,
    `script-src ${hashOf(PAGE_SCRIPT)}`,
    "connect-src 'self'",
    `frame-src ${framesOrigin}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
