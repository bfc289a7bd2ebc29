/** Every word that a pull request is shown follows from the run's state here. */

import { backHeadline, commitLink, heldHeadline } from './by-hand-words.ts'
import { REASONS } from './commit-message.ts'
import { cut, inline, oneLine, short } from './inert-text.ts'
import { type Memo, memoText, NOTHING_TOLD } from './memo.ts'
import type { Report, Written } from './report.ts'
import type { Status } from './status.ts'
import { STEPS, type StepRecord } from './step.ts'

/** What the words need beside the status. */
export interface Subject {
  readonly key: string
  readonly checkName: string
  readonly environment: string
  readonly sha: string
  readonly run: { readonly id: string; readonly url: string } | null
  readonly steps: readonly StepRecord[]
  /** What is to be known of this revision beside its state, one sentence each. */
  readonly notices: readonly string[]
  /** The preview's addresses, the first one first. */
  readonly urls: readonly string[]
  readonly namespace: string
  /** WeStage's page of the preview; stands in where there is no run. */
  readonly pageUrl: string
  /** A commit's page in the GitOps repo, null where its host has none that is known. */
  readonly commitUrlOf: (commit: string) => string | null
}

/** GitHub: REST, "Create a deployment status". */
const DESCRIPTION_MAX = 140

/** What a pull request is shown of `status`. */
export function reportOf(status: Status, subject: Subject): Report {
  const detailsUrl = subject.run?.url ?? subject.pageUrl
  const { title, lead } = headlineOf(status, subject)
  return {
    key: subject.key,
    checkName: subject.checkName,
    check: {
      ...checkStateOf(status),
      title,
      summary: [lead, linksOf(status, subject), memoText(memoOf(status, subject))]
        .filter((part) => part !== '')
        .join('\n\n'),
      text: [noticesText(subject.notices), stepTable(subject.steps), tailOf(status)]
        .filter((part) => part !== '')
        .join('\n\n'),
      detailsUrl,
    },
    deployment:
      status.kind === 'refused'
        ? null
        : {
            environment: subject.environment,
            state: deploymentStateOf(status),
            description: descriptionOf(status, title),
            environmentUrl: status.kind === 'live' ? (subject.urls[0] ?? '') : '',
            logUrl: detailsUrl,
          },
  }
}

function headlineOf(status: Status, subject: Subject): { title: string; lead: string } {
  const headline = ownHeadlineOf(status, subject)
  const back = 'back' in status ? status.back : null
  return back ? backHeadline(back, headline, status.kind, subject) : headline
}

function ownHeadlineOf(status: Status, subject: Subject): { title: string; lead: string } {
  const { urls, sha } = subject
  switch (status.kind) {
    case 'queued':
    case 'preparing':
      return { title: 'Preparing the preview', lead: `Making a preview of ${short(sha)}.` }
    case 'waiting':
      return { title: cut(`Waiting: ${oneLine(status.reason)}`, 200), lead: inline(status.reason) }
    case 'retrying': {
      const where = status.step === null ? '' : `${status.step}: `
      return {
        title: `Waiting to try again in ${seconds(status.afterMs)}`,
        lead: `${where}${inline(status.reason)}\n\nThis is not yours to mend: WeStage tries again by itself.`,
      }
    }
    case 'syncing':
      return {
        title: cut(`Committed; waiting for ${status.waitingFor}`, 200),
        lead: inline(`Waiting for ${status.waitingFor}.`),
      }
    case 'live':
      return {
        title: urls[0] === undefined ? 'Live' : `Live at ${urls[0]}`,
        lead: `The preview of ${short(sha)} is live.`,
      }
    case 'failed': {
      const mend =
        status.whose === 'author'
          ? 'Push a commit that mends it, or ask for a re-run.'
          : 'This is for whoever runs WeStage here to mend; then ask for a re-run.'
      const still =
        status.lastGood === null
          ? ''
          : `\n\nThe preview of ${short(status.lastGood.sha)} is still up${status.lastGood.url === '' ? '' : ` at ${status.lastGood.url}`}.`
      return {
        title: cut(`Failed in ${status.step}: ${oneLine(status.reason)}`, 200),
        lead: `**${status.step}** failed: ${inline(status.reason)}\n\n${mend}${still}`,
      }
    }
    case 'superseded':
      return {
        title: `Superseded by ${short(status.by)}`,
        lead: `A newer commit, ${short(status.by)}, took this one's place.`,
      }
    case 'held':
      return heldHeadline(status, subject)
    case 'refused':
      return { title: 'No preview', lead: inline(status.reason) }
    case 'removed':
      return { title: 'Preview removed', lead: `The preview was removed because ${REASONS[status.because]}.` }
  }
}

function checkStateOf(status: Status): Pick<Report['check'], 'status' | 'conclusion'> {
  switch (status.kind) {
    case 'queued':
    case 'preparing':
    case 'waiting':
    case 'retrying':
    case 'syncing':
      return { status: 'in_progress', conclusion: null }
    case 'live':
      return { status: 'completed', conclusion: 'success' }
    case 'failed':
      return { status: 'completed', conclusion: 'failure' }
    case 'superseded':
      return { status: 'completed', conclusion: 'cancelled' }
    case 'held':
    case 'refused':
    case 'removed':
      return { status: 'completed', conclusion: 'neutral' }
  }
}

function deploymentStateOf(status: Status): NonNullable<Report['deployment']>['state'] {
  switch (status.kind) {
    case 'queued':
      return 'queued'
    case 'preparing':
    case 'waiting':
    case 'retrying':
    case 'syncing':
      return 'in_progress'
    case 'live':
      return 'success'
    case 'failed':
      return 'failure'
    case 'held':
    case 'refused':
    case 'superseded':
    case 'removed':
      return 'inactive'
  }
}

/** A Deployment that is under way keeps one description: every new one is one more line in the pull request. */
function descriptionOf({ kind }: Status, title: string): string {
  const isUnderWay =
    kind === 'queued' || kind === 'preparing' || kind === 'waiting' || kind === 'retrying' || kind === 'syncing'
  return isUnderWay ? 'The preview is being made' : cut(title, DESCRIPTION_MAX)
}

function memoOf(status: Status, { run }: Subject): Memo {
  const of = (state: Memo['state'], more: Partial<Memo> = {}): Memo => ({
    ...NOTHING_TOLD,
    state,
    run: run?.id ?? '',
    keptUntilMs: ('back' in status ? status.back?.keptUntilMs : null) ?? null,
    ...more,
  })
  switch (status.kind) {
    case 'queued':
    case 'preparing':
    case 'waiting':
      return of(status.isRedone === true ? 'redoing' : 'running')
    case 'retrying':
      return of(status.isRedone === true ? 'redoing' : 'running', { committed: status.committed })
    case 'syncing':
      return of('running', { committed: writtenOf(status) })
    case 'live':
      return of('live', { committed: writtenOf(status) })
    case 'held':
      return of('held', { committed: status.committed, heldAt: { tree: status.tree } })
    case 'failed':
      return of('failed', { committed: status.committed })
    case 'superseded':
    case 'refused':
    case 'removed':
      return of(status.kind)
  }
}

const writtenOf = ({ commit, committedAtMs, tree }: Written): Written => ({ commit, committedAtMs, tree })

function linksOf(status: Status, { urls, namespace, run, commitUrlOf }: Subject): string {
  const lines: string[] = []
  if (status.kind === 'live') {
    for (const url of urls) lines.push(`- Preview: ${url}`)
    lines.push(`- Namespace: \`${namespace}\``)
  }
  if (status.kind === 'live' || status.kind === 'syncing') {
    lines.push(`- GitOps commit: ${commitLink(status.commit, commitUrlOf(status.commit))}`)
  }
  if (run !== null) lines.push(`- [Log of this run](${run.url})`)
  return lines.join('\n')
}

const OUTCOMES: Record<StepRecord['outcome'], string> = {
  running: 'running',
  done: 'done',
  failed: '**failed**',
  aborted: 'aborted',
}

/** GitHub: a Check's text has at most 65,535 characters; the log has the rest. */
const NOTICES_MAX_CHARACTERS = 20_000

function noticesText(notices: readonly string[]): string {
  if (notices.length === 0) return ''
  const lines: string[] = []
  let room = NOTICES_MAX_CHARACTERS
  for (const notice of notices) {
    const line = `- ${inline(notice)}`
    room -= line.length
    if (room < 0) break
    lines.push(line)
  }
  const more =
    lines.length < notices.length ? [`- and ${notices.length - lines.length} more; the log has them all`] : []
  return ['To know:', '', ...lines, ...more].join('\n')
}

function stepTable(steps: readonly StepRecord[]): string {
  if (steps.length === 0) return ''
  const ordered = [...steps].sort((a, b) => STEPS.indexOf(a.step) - STEPS.indexOf(b.step))
  const rows = ordered.map(({ step, outcome, startedAtMs, endedAtMs, note }) => {
    const took = endedAtMs === null ? '' : seconds(endedAtMs - startedAtMs)
    return `| ${step} | ${OUTCOMES[outcome]} | ${took} | ${inline(note)} |`
  })
  return ['| Step | Outcome | Took | |', '|---|---|---:|---|', ...rows].join('\n')
}

function tailOf(status: Status): string {
  if (status.kind !== 'failed' || status.tail.length === 0) return ''
  const text = status.tail.join('\n')
  return `Last lines of the log:\n\n${fenced(text)}`
}

/** A fence longer than any run of backticks inside, so that the log can't end it (CommonMark, "Fenced code blocks"). */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return `${fence}text\n${text}\n${fence}`
}

/** `0.4 s`, `12 s`, `3 min 5 s` */
function seconds(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const whole = Math.round(ms / 1000)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
