/** What a pull request is told of what people did in the GitOps repo. Whatever they typed goes in as inert text. */
import type { BroughtBack, Found } from './by-hand.ts'
import type { FolderTouch } from './folder.ts'
import { cut, inline, oneLine, short } from './inert-text.ts'
import type { Ended } from './pull.ts'
import type { Status } from './status.ts'

interface Headline {
  readonly title: string
  /** Markdown */
  readonly lead: string
}

interface Places {
  readonly commitUrlOf: (commit: string) => string | null
  readonly run: { readonly url: string } | null
}

const TITLE_MAX = 200
/** The part of a run's page that shows what was changed. */
export const CHANGES_ANCHOR = 'by-hand'

/** A commit's id, linked where its page is known. */
export const commitLink = (commit: string, url: string | null): string =>
  url === null ? `\`${short(commit)}\`` : `[\`${short(commit)}\`](${url})`

/** Of a preview that is held: who did what, what runs now, and how to go on. */
export function heldHeadline({ found, change }: Extract<Status, { kind: 'held' }>, places: Places): Headline {
  return {
    title: cut(`Held${foundInTitle(found)}: ${byInTitle(found, change)}`, TITLE_MAX),
    lead: [`${whoDid(change, places)} ${whatRuns(found, places)}`, howToGoOn(change)].join('\n\n'),
  }
}

/** The headline of a preview that a person brought back: how far it is, and what becomes of it. */
export function backHeadline(back: BroughtBack, own: Headline, kind: Status['kind'], places: Places): Headline {
  const until = timeText(back.keptUntilMs)
  const titles: Partial<Record<Status['kind'], string>> = {
    syncing: own.title.replace(/^Committed/, 'Brought back'),
    live: `${own.title.replace(/^Live/, 'Brought back')}, until ${until}`,
  }
  return {
    title: cut(titles[kind] ?? own.title, TITLE_MAX),
    lead: [
      own.lead,
      `${whoDid(back.change, places)} That brought this preview back after it had been removed, with the images that it had: nothing was built for it.`,
      `It is kept until **${until}**, then WeStage removes it. To be rid of it sooner, delete its folder in the GitOps repo. ${HOW_TO_KEEP[back.because]}`,
    ].join('\n\n'),
  }
}

/** The same for WeStage's own pages, in one sentence without markup. */
export const heldSentence = ({ found, change }: Pick<Extract<Status, { kind: 'held' }>, 'found' | 'change'>): string =>
  `Held${foundInTitle(found)}: ${byInTitle(found, change)}.`

/** The same of what was brought back. */
export const backSentence = ({ change, keptUntilMs }: BroughtBack): string =>
  `Brought back${change?.by === 'person' ? ` by ${oneLine(change.name)}` : ''} after it was removed; kept until ${timeText(keptUntilMs)}.`

const HOW_TO_KEEP: Record<Ended, string> = {
  closed: 'To keep it, reopen the pull request.',
  merged: 'Once it is gone, reverting that commit of WeStage brings it back for as long again.',
  unlabelled: 'To keep it, put the label on again.',
  gone: 'To keep it, let WeStage see the repo again.',
  unconfigured: 'To keep it, configure its app again.',
}

const foundInTitle = (found: Found): string => (found.kind === 'another revision' ? ` at ${short(found.sha)}` : '')

function byInTitle(found: Found, change: FolderTouch | null): string {
  if (change?.by === 'westage') return 'the GitOps branch was reset'
  const what = found.kind === 'no folder' ? 'removed' : 'changed'
  return `${what} by hand in the GitOps repo${change === null ? '' : ` by ${oneLine(change.name)}`}`
}

function whoDid(change: FolderTouch | null, { commitUrlOf }: Places): string {
  if (change === null) {
    return 'This preview was changed in the GitOps repo; by whom and in which commit is further back in its history than WeStage looks, or gone from it.'
  }
  const commit = commitLink(change.commit, commitUrlOf(change.commit))
  if (change.by === 'westage') {
    return `The branch of the GitOps repo was reset or force-pushed: this preview is as WeStage left it earlier, in commit ${commit}.`
  }
  return `**${inline(change.name) || 'Somebody'}** changed this preview in the GitOps repo, in commit ${commit}: ${inline(change.subject) || 'no message'}.`
}

function whatRuns(found: Found, { run }: Places): string {
  const changes = run === null ? '' : ` [What was changed](${run.url}#${CHANGES_ANCHOR}) of what WeStage wrote.`
  switch (found.kind) {
    case 'no folder':
      return 'Its folder is gone, so nothing runs.'
    case 'another revision':
      return `What runs now is revision \`${short(found.sha)}\`${atUrls(found.urls)}.${changes}`
    case 'edited':
      return `What runs now is this revision with its files changed by hand${atUrls(found.urls)}.${changes}`
    case 'unreadable':
      return `Its preview.yaml can't be read any more (${inline(found.fault)}), which may keep Argo CD from bringing up other previews too: mend or revert it.${changes}`
  }
}

const atUrls = (urls: readonly string[]): string => (urls.length === 0 ? '' : `, at ${urls.join(', ')}`)

const howToGoOn = (change: FolderTouch | null): string =>
  `WeStage leaves it alone. To go on from here, push a commit, put the label on again, or ask for a re-run of this Check: each makes the preview anew. ${
    change?.by === 'person' ? 'Or revert that commit in the GitOps repo.' : 'Or put the folder back as it was.'
  }`

/** `2026-01-31 18:05 UTC` */
const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
