/** What the git repo's refusals mean for an instance of WeStage: whose they are, and what to change. */
import { NotReady, Terminal } from '../../domain/errors.ts'
import { Refused, type RefusedWhy, Stale, Unwritable } from '../../twig/errors.ts'

const ADVICE: Record<RefusedWhy, string> = {
  'address with credentials': 'give the token apart from gitops.url',
  'credentials missing': 'set gitops.auth, and the token that it needs',
  'credentials refused': 'renew the token, or check gitops.auth',
  'no right to read': 'give the App or token of gitops.auth "contents: write" there',
  'no right to write': 'give the App or token of gitops.auth "contents: write" there',
  'not found': 'check gitops.url, and that the App is installed on it',
  moved: 'change gitops.url',
  'not a git repo': 'check gitops.url',
  'not understood': 'use a repo of that format',
  'no branch': 'make the GitOps repo from gitops-template first, or set gitops.branch',
  'push refused': 'let WeStage write to the branch of gitops.branch',
  'push too large': "raise the server's limit on a push, or make the preview smaller",
  'branch protected':
    'add the App or user of gitops.auth to the bypass list of that rule (GitHub), or to those who may push to the protected branch (GitLab, Gitea), or protect another branch than that of gitops.branch',
  'signatures required':
    'set gitops.write to api, so that GitHub signs, or sign with a key that the host knows as that of the account of gitops.author.email (WESTAGE_GITOPS_SIGNING_KEY), or add the App or user of gitops.auth to the bypass list of that rule',
  'file on the path': 'previews need a folder there: move it away',
  'name not text': "GitHub's API can't name it: remove it with git, or set gitops.write to push",
}

/** Runs it. @throws {Terminal} or {NotReady} where the branch refuses what it is asked */
export async function asOurs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw ours(error)
  }
}

/** What WeStage makes of an error of the branch; any other stays as it is. */
export function ours(error: unknown): unknown {
  if (error instanceof Stale) return new NotReady(error.message, 0)
  if (error instanceof Unwritable) return new Terminal(error.message)
  if (!(error instanceof Refused)) return error
  const { message, why, details } = error
  return new Terminal(`${message}: ${ADVICE[why]}.`, { whose: 'operator', details, cause: error })
}
