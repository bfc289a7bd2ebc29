import { html } from 'hono/html'
import { CHANGES_ANCHOR } from '../domain/by-hand-words.ts'

/** A line of the difference, and the style that it is shown in. */
export interface ChangedLine {
  readonly text: string
  readonly style: 'soft' | 'added' | 'gone' | ''
}

/**
 * What people changed in the GitOps repo of what a run wrote there. Hidden where there is nothing: the page's script
 * shows it when something comes.
 */
export const changesSection = (changes: readonly string[]) => html`
<section id="${CHANGES_ANCHOR}"${changes.length === 0 ? html` hidden` : ''}>
<h2>Changed by hand</h2>
<p class="lead">What people changed in the GitOps repo of what WeStage wrote there. The preview is left as it is.</p>
<div class="card"><pre class="log" id="changes" tabindex="0">${changedLines(changes).map(({ text, style }) => html`<span class="${style}">${text}</span>\n`)}</pre></div>
</section>`

/** Styled as git colours the lines of a unified diff. */
export const changedLines = (changes: readonly string[]): ChangedLine[] =>
  changes.map((text) => ({ text, style: styleOf(text) }))

function styleOf(line: string): ChangedLine['style'] {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')) return 'soft'
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'gone' : ''
}
