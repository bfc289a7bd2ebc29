/** isomorphic-git as its documentation shows it: clone, add, commit, push. */
import files, { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import PQueue from 'p-queue'
import { messageOf, pathOf, textsOf } from './preview-texts.ts'
import { answerAsks, notCompared, type Side } from './side.ts'

/**
 * A checkout of ten thousand previews opens all of its files at once, more than systems let a process have (ulimit -n):
 * so many at a time keep all threads of node's pool at work.
 */
const OPEN_MOST = 500
const turns = new PQueue({ concurrency: OPEN_MOST })
const inTurn =
  <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
  (...args: A): Promise<R> =>
    turns.add(() => work(...args))
const fs = {
  promises: {
    ...files,
    readFile: inTurn<Parameters<typeof files.readFile>, unknown>(files.readFile),
    writeFile: inTurn(files.writeFile),
  },
}

async function openIsomorphic(url: string, dir: string): Promise<Side> {
  return {
    look: async () => {},
    async commit(changes) {
      const work = await mkdtemp(join(dir, 'isomorphic-'))
      const repo = { fs, http, dir: work }
      await git.clone({ ...repo, url, depth: 1, singleBranch: true })
      for (const change of changes) {
        const path = pathOf(change.preview)
        for (const [name, text] of textsOf(change)) {
          await mkdir(dirname(join(work, path, name)), { recursive: true })
          await writeFile(join(work, path, name), text)
          await git.add({ ...repo, filepath: `${path}/${name}` })
        }
        const author = { name: 'WeStage', email: 'westage@example.com' }
        await git.commit({ ...repo, message: messageOf(change), author })
      }
      const { ok, error } = await git.push({ ...repo, remote: 'origin', ref: 'main' })
      if (!ok) throw new Error(`isomorphic-git did not push: ${error}`)
      await rm(work, { recursive: true })
    },
    list: notCompared,
    read: notCompared,
    close: async () => {},
  }
}

await answerAsks(openIsomorphic)
