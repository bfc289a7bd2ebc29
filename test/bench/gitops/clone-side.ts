/** What a script does that keeps nothing: `git clone --depth 1`, a commit, a push. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { git } from '../../servers/git-cli.ts'
import { messageOf, pathOf, textsOf } from './preview-texts.ts'
import { answerAsks, notCompared, type Side } from './side.ts'

async function openClone(url: string, dir: string): Promise<Side> {
  return {
    look: async () => {},
    async commit(changes) {
      const work = await mkdtemp(join(dir, 'clone-'))
      await git(['clone', '--quiet', '--depth', '1', url, '.'], { cwd: work })
      for (const change of changes) {
        for (const [name, text] of textsOf(change)) {
          const file = join(work, pathOf(change.preview), name)
          await mkdir(dirname(file), { recursive: true })
          await writeFile(file, text)
        }
        await git(['add', pathOf(change.preview)], { cwd: work })
        await git(['commit', '--quiet', '--file=-'], { cwd: work, input: messageOf(change) })
      }
      await git(['push', '--quiet', 'origin', 'main'], { cwd: work })
      await rm(work, { recursive: true })
    },
    list: notCompared,
    read: notCompared,
    close: async () => {},
  }
}

await answerAsks(openClone)
