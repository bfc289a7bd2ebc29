/** What people do to previews in their clone of the GitOps repo, committed and not pushed yet; and what is told of it. */
import { expect, vi } from 'vitest'
import type { GitPerson } from './git-person.ts'

export const folderOf = (pull: number) => `previews/shop/pr-${pull}`
export const deploymentIn = (pull: number) => `${folderOf(pull)}/manifests/deployment-shop.yaml`

const EXTRA = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n'

/** Reverts these commits in one, with a message of its own. */
export async function revertTogether(person: GitPerson, commits: readonly string[], message: string): Promise<void> {
  await person.git('revert', '--no-commit', ...commits)
  await person.commit(message)
}

export async function deleteFolder(person: GitPerson, pull: number, message: string): Promise<void> {
  await person.git('rm', '-r', '--quiet', folderOf(pull))
  await person.commit(message)
}

/** How another branch, `by-hand`, is brought in with the message `Merge by-hand`. */
export const MERGES = [
  { how: 'merges', merge: [['merge', '--quiet', '--no-ff', '-m', 'Merge by-hand', 'by-hand']] },
  {
    how: 'squashes',
    merge: [
      ['merge', '--quiet', '--squash', 'by-hand'],
      ['commit', '-qm', 'Merge by-hand'],
    ],
  },
] as const

/** Adds an object to the preview on another branch, and brings that in. */
export async function mergeExtra(
  person: GitPerson,
  pull: number,
  merge: readonly (readonly string[])[],
): Promise<void> {
  await person.git('checkout', '--quiet', '-B', 'by-hand')
  await person.write(`${folderOf(pull)}/manifests/extra.yaml`, EXTRA)
  await person.commit('One more')
  await person.pull()
  for (const command of merge) await person.git(...command)
}

/** Makes the newest commit another one, in which this file is not: only a forced push brings that. */
export async function amendWithout(person: GitPerson, file: string): Promise<void> {
  await person.git('rm', '--quiet', file)
  await person.git('commit', '--quiet', '--amend', '--no-edit')
}

/** Takes the branch back to an earlier commit: only a forced push brings that. */
export async function resetTo(person: GitPerson, commit: string): Promise<void> {
  await person.pull()
  await person.git('reset', '--quiet', '--hard', commit)
}

/** Git's times have whole seconds: what comes after this is newer by them than what was before. */
export function secondOver(): Promise<void> {
  const began = Math.floor(Date.now() / 1000)
  return vi.waitFor(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(began), {
    timeout: 2_000,
    interval: 20,
  })
}

const short = (sha: string) => sha.slice(0, 7)

/** Titles of Checks. */
export const TOLD = {
  changed: /^Held: changed by hand in the GitOps repo by Operator$/,
  removed: /^Held: removed by hand in the GitOps repo by Operator$/,
  changedTo: (sha: string) => new RegExp(`^Held at ${short(sha)}: changed by hand in the GitOps repo by Operator$`),
  /** By whom the history does not say that never had it. */
  gone: /^Held: removed by hand in the GitOps repo$/,
  reset: (sha: string) => new RegExp(`^Held at ${short(sha)}: the GitOps branch was reset$`),
  broughtBack: /^Brought back at .*, until \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
  ended: /^Preview removed$/,
} as const
