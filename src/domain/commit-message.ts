/** Commit messages of the GitOps repo: they are what people read in the Argo CD UI and in git log. */
import type { RemovalReason } from './pull.ts'

export interface CommitSubject {
  readonly key: string
  readonly app: string
  readonly pull: { readonly number: number; readonly url: string }
  readonly sha: string
  readonly runUrl: string
}

/** The message of a commit that puts a revision there. */
export const deployMessage = (subject: CommitSubject, branch: string, isNew: boolean): string =>
  message(
    `${subject.app} #${subject.pull.number}: ${isNew ? 'preview' : 'update preview to'} ${subject.sha.slice(0, 7)}`,
    `Branch: ${oneLine(branch)}`,
    subject,
  )

/** Why a preview went, as a clause. */
export const REASONS: Record<RemovalReason, string> = {
  closed: 'the pull request was closed',
  merged: 'the pull request was merged',
  unlabelled: 'the label was taken off',
  gone: 'the pull request is gone',
  unconfigured: 'its app is not configured any more',
  expired: 'the time is over for which it was kept after somebody brought it back',
}

/** The message of a commit that removes a preview. */
export const removeMessage = (subject: CommitSubject, because: RemovalReason): string =>
  message(`${subject.app} #${subject.pull.number}: remove preview`, `Reason: ${REASONS[because]}`, subject)

/** How git reads trailers: the last paragraph, `Token: value` a line (git documentation, git-interpret-trailers). */
function message(subject: string, body: string, { key, pull, sha, runUrl }: CommitSubject): string {
  const trailers = [`WeStage-Preview: ${key}`, `WeStage-Run: ${runUrl}`, `Pull-Request: ${oneLine(pull.url)}`]
  if (sha !== '') trailers.push(`Head-SHA: ${sha}`)
  return `${subject}\n\n${body}\n\n${trailers.join('\n')}\n`
}

/** Control, format and line separator characters could fake a trailer or hide text in a terminal. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
