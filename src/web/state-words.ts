import { html } from 'hono/html'
import type { PreviewView } from '../domain/preview-view.ts'
import type { StepRecord } from '../domain/step.ts'

type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'still'

const STATES: Readonly<Record<PreviewView['state'], readonly [word: string, tone: Tone]>> = {
  queued: ['Queued', 'busy'],
  preparing: ['Preparing', 'busy'],
  waiting: ['Waiting', 'busy'],
  retrying: ['Retrying', 'warn'],
  syncing: ['Syncing', 'busy'],
  live: ['Live', 'good'],
  failed: ['Failed', 'bad'],
  superseded: ['Superseded', 'still'],
  held: ['Held', 'warn'],
  refused: ['Refused', 'still'],
  removed: ['Removed', 'still'],
  unknown: ['Not known yet', 'still'],
}

const OUTCOMES: Readonly<Record<StepRecord['outcome'], readonly [word: string, tone: Tone]>> = {
  running: ['running', 'busy'],
  done: ['done', 'good'],
  failed: ['failed', 'bad'],
  aborted: ['aborted', 'warn'],
}

const badge = ([word, tone]: readonly [word: string, tone: Tone]) =>
  html`<span class="badge ${tone}"><span class="dot"></span>${word}</span>`

/** A preview's state as a word with a colour. */
export const stateBadge = (state: PreviewView['state']) => badge(STATES[state])

/** A step's outcome as a word with a colour; a dash for one that has not begun. */
export const outcomeBadge = (outcome: StepRecord['outcome'] | undefined) =>
  outcome === undefined ? html`<span class="soft">–</span>` : badge(OUTCOMES[outcome])
