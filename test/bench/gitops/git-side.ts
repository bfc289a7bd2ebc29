/** The git command line with a bare repo that stays: `git fast-import`, and a push of what it made. */
import { join } from 'node:path'
import { git } from '../../servers/git-cli.ts'
import { importOf } from './import-stream.ts'
import { answerAsks, notCompared, type Side } from './side.ts'

/** Nothing beside the work: no housekeeping, and a pack that stays one. */
const LEAN = [
  ...['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'fastimport.unpackLimit=1', '-c', 'core.fsync=none'],
]

async function openGit(url: string, dir: string): Promise<Side> {
  const repo = join(dir, 'persistent.git')
  await git(['clone', '--quiet', '--bare', '--single-branch', '--no-tags', url, repo], { cwd: dir })
  const run = (args: readonly string[], input?: string) =>
    git([...LEAN, ...args], { cwd: repo, ...(input === undefined ? {} : { input }) })
  const attempt = async (input: string) => {
    await run(['fast-import', '--quiet', '--done', '--force'], input)
    await run(['push', '--quiet', '--no-verify', url, 'refs/heads/main'])
  }
  return {
    look: async () => {},
    async commit(changes) {
      const input = importOf(changes)
      try {
        await attempt(input)
      } catch (error) {
        if (!(error instanceof Error && error.message.includes('[rejected]'))) throw error
        await run(['fetch', '--quiet', '--no-tags', url, '+refs/heads/main:refs/heads/main'])
        await attempt(input)
      }
    },
    list: notCompared,
    read: notCompared,
    close: async () => {},
  }
}

await answerAsks(openGit)
