import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from '../servers/git-cli.ts'

/**
 * Undoes one commit of the GitOps repo as a person does: clone, `git revert`, push.
 * @param dir the bare repo
 * @throws what git says where the commit can't be reverted any more
 */
export async function revertByHand(dir: string, sha: string): Promise<void> {
  const clone = await mkdtemp(join(tmpdir(), 'demo-revert-'))
  try {
    await git(['clone', '--quiet', '--branch', 'main', dir, '.'], { cwd: clone })
    await git(['revert', '--no-edit', '--end-of-options', sha], { cwd: clone })
    await git(['push', '--quiet', 'origin', 'main'], { cwd: clone })
  } finally {
    await rm(clone, { recursive: true, force: true })
  }
}
