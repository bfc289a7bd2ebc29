/** The deliveries of one callback as a list of them: of each preview the state, attempts, latency and answer on a line. */
import { html } from 'hono/html'
import { latencyText } from '../web/durations.ts'
import type { Outcome } from './store.ts'

/** Beyond so many, previews are folded up: those that have had it last. */
const SHOWN_MAX = 8

/** @param outcomes what came of it, by listener */
export function deliveryList(outcomes: ReadonlyMap<string, Outcome>) {
  if (outcomes.size === 0) return html`<span class="soft">none yet</span>`
  const all = [...outcomes].sort(([, one], [, other]) => Number(isThrough(one)) - Number(isThrough(other)))
  const [shown, folded] = [all.slice(0, SHOWN_MAX), all.slice(SHOWN_MAX)]
  const more = html`<details><summary>${folded.length} more, ${folded.filter(([, outcome]) => isThrough(outcome)).length} of them delivered</summary>${listOf(folded)}</details>`
  return html`${listOf(shown)}${folded.length === 0 ? '' : more}`
}

const isThrough = ({ state }: Outcome): boolean => state === 'delivered'

const listOf = (outcomes: readonly (readonly [string, Outcome])[]) =>
  html`<ul class="deliveries">${outcomes.map(
    ([listener, outcome]) => html`<li>
<span title="${listener}">${previewOf(listener)}</span> ${stateBadge(outcome)} <span class="soft">${outcome.attempts} ${outcome.attempts === 1 ? 'attempt' : 'attempts'}</span> <span class="soft">${tookText(outcome)}</span> <span>${outcome.answer}</span>
</li>`,
  )}</ul>`

const previewOf = (listener: string): string => listener.split(' ', 1)[0] ?? listener

/** How long the last attempt took; nothing where the time was over before another was made. */
export const tookText = ({ state, tookMs }: Outcome): string => (state === 'gave up' ? '' : latencyText(tookMs))

/** Its state, with a colour. */
export const stateBadge = ({ state }: Outcome) =>
  html`<span class="badge ${state === 'delivered' ? 'good' : state === 'waiting' ? 'busy' : 'bad'}"><span class="dot"></span>${state}</span>`
