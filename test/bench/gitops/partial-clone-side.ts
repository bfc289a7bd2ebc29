/** All preview.yaml by the git command line: a clone without files, the one fetch of its own prefetch, and them read. */
import { join } from 'node:path'
import { git } from '../../servers/git-cli.ts'
import { answerAsks, notCompared, type Side } from './side.ts'

async function openPartialClone(url: string, dir: string): Promise<Side> {
  const partial = join(dir, 'partial')
  const inside = { cwd: partial }
  let ids: readonly string[] = []
  return {
    look: async () => {},
    commit: notCompared,
    async list() {
      const filter = ['--depth', '1', '--filter=blob:none', '--no-checkout']
      await git(['clone', '--quiet', ...filter, url, partial], { cwd: dir })
      const listed = await git(['ls-tree', '-r', 'HEAD', 'previews'], inside)
      ids = listed.split('\n').flatMap((line) => /^\d+ blob (\w+)\t.*\/preview\.yaml$/.exec(line)?.[1] ?? [])
    },
    async read() {
      const input = `${ids.join('\n')}\n`
      // As git does by itself where a command tells it what it will need (git's promisor-remote.c).
      const prefetch = [
        '--no-tags',
        '--no-write-fetch-head',
        '--recurse-submodules=no',
        '--filter=blob:none',
        '--stdin',
      ]
      await git(['-c', 'fetch.negotiationAlgorithm=noop', 'fetch', '--quiet', 'origin', ...prefetch], {
        ...inside,
        input,
      })
      const read = await git(['cat-file', '--batch', '--buffer'], { ...inside, input })
      if (ids.length === 0 || read.length < ids.length) throw new Error('not all preview.yaml came')
    },
    close: async () => {},
  }
}

await answerAsks(openPartialClone)
